// SPDX-License-Identifier: Apache-2.0

#include "asm.h"
#include "sysreg.h"

// void vmb_zero(void *begin, void *end)
// Zeroes Normal memory, with the caches on: DC ZVA faults on what is Device memory while they are off.
// In: x0 begin, x1 end; both multiples of 16, end not below begin.
// Clobbers: x0, x9-x12, flags. Stack: none.
func vmb_zero
	mrs	x9, dczid_el0
	tbnz	x9, #DCZID_EL0_DZP_BIT, 3f	// the hypervisor may forbid it

	// x10 = bytes that one DC ZVA zeroes: 4 << BS. x11 = x10 - 1.
	and	x9, x9, #((1 << DCZID_EL0_BS_WIDTH) - 1)
	mov	x10, #4
	lsl	x10, x10, x9
	sub	x11, x10, #1

	// Up to the first whole block, if there is one.
	add	x12, x0, x11
	bic	x12, x12, x11		// where it begins
	add	x9, x12, x10		// where it ends
	cmp	x9, x1
	b.hi	3f
1:	cmp	x0, x12
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b

	// Whole blocks.
2:	dc	zva, x0
	add	x0, x0, x10
	add	x9, x0, x10
	cmp	x9, x1
	b.ls	2b

	// The rest.
3:	cmp	x0, x1
	b.hs	4f
	stp	xzr, xzr, [x0], #16
	b	3b
4:	ret
endfunc vmb_zero
