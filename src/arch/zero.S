// SPDX-License-Identifier: Apache-2.0

// Zeroes memory at boot, in units of 16 bytes.

#include "asm.h"

	.arch_extension fp
	.arch_extension simd

// void vmb_zero(void *begin, void *end)
// In: x0 begin, x1 end; both multiples of 16, end not below begin.
// Clobbers: x0, x9, v0-v3, flags. Stack: none.
func vmb_zero
	movi	v0.2d, #0
	movi	v1.2d, #0
	movi	v2.2d, #0
	movi	v3.2d, #0

	// One ST1 writes as much as DC ZVA does on most CPUs, and advances the pointer. A hypervisor can forbid DC ZVA,
	// but not ST1.
	sub	x9, x1, x0
1:	subs	x9, x9, #1024
	b.lo	2f
	.rept 16
	st1	{v0.2d - v3.2d}, [x0], #64
	.endr
	b	1b

	// The rest, 16 bytes a step.
2:	cmp	x0, x1
	b.hs	3f
	str	q0, [x0], #16
	b	2b
3:	ret
endfunc vmb_zero
