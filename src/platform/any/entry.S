// SPDX-License-Identifier: Apache-2.0

// From reset to vmb_start(), for an image that runs wherever the VMM puts it. The VMM enters at _start, at EL1 or
// EL2 with the MMU and the caches off, DAIF masked, and its boot arguments in x0 to x3 (Linux,
// Documentation/arch/arm64/booting.rst).

#include "../../arch/asm.h"
#include "../../arch/sysreg.h"
#include "../../boot/boot_map.h"
#include "any.h"

// The image's flags in its header.
#define IMAGE_PAGE_SIZE_4K (1 << 1)
#define IMAGE_ANYWHERE (1 << 3) // the base may be anywhere in physical memory

	.section .init.entry, "ax", %progbits
	.global _start
	.type _start, %function
_start:
	b	.Lenter
	.long	0
	.quad	0 // text_offset: at a multiple of 2 MiB
	.quad	vmb_image_size
	.quad	IMAGE_PAGE_SIZE_4K | IMAGE_ANYWHERE
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

.Lenter:
	// Nothing below would work at EL3 or with big-endian data, nor would a reset.
	mov	x23, xzr
	mrs	x9, CurrentEL
	cmp	x9, #CURRENTEL_EL2
	b.hi	vmb_halt
	b.lo	1f
	mrs	x10, sctlr_el2
	tbnz	x10, #SCTLR_EE_SHIFT, vmb_halt
	bl	vmb_leave_el2
	mov	x23, #1
1:	mrs	x10, sctlr_el1
	tbnz	x10, #SCTLR_EE_SHIFT, vmb_halt

	// From here on something can fault.
	adr_l	x9, vmb_early_vectors
	msr	vbar_el1, x9

	// ADRP, which all code is full of, wants pages to stay pages; and the map has 512 GiB.
	adr	x9, _start
	tst	x9, #(BOOT_MAP_PAGE_SIZE - 1)
	b.ne	vmb_reset
	lsr	x12, x9, #GIB_SHIFT
	adr_l	x13, vmb_image_end
	sub	x13, x13, #1
	lsr	x13, x13, #GIB_SHIFT
	cmp	x13, #ANY_LEVEL1_ENTRIES
	b.hs	vmb_reset
	bl	rescue_tree

	// The first map: each GiB that the image is in. It is written with the caches off, between two invalidations
	// (clean_invalidate_dcache).
	adr_l	x10, vmb_first_map_table
	add	x11, x10, #ANY_LEVEL1_ENTRIES * 8
	bl	clean_invalidate_dcache
	mov	x14, x10
2:	stp	xzr, xzr, [x14], #16
	cmp	x14, x11
	b.lo	2b
	ldr	x14, first_map_attributes
3:	orr	x15, x14, x12, lsl #GIB_SHIFT
	str	x15, [x10, x12, lsl #3]
	add	x12, x12, #1
	cmp	x12, x13
	b.ls	3b
	bl	clean_invalidate_dcache

	// TTBR1's half shows the same memory: the window through which the tables of the boot map are written.
	msr	ttbr1_el1, x10
	orr	x10, x10, #(FIRST_MAP_ASID << TTBR0_EL1_ASID_SHIFT)
	mov_imm32 w11, ANY_TCR_EL1
	mov_imm32 w12, SCTLR_EL1_MMU_ON
	bl	vmb_mmu_on
	b	vmb_enter_c

	.balign 8
first_map_attributes:
	.quad	FIRST_MAP_ATTRIBUTES
	.size _start, . - _start

// Around what is written with the caches off. Before: no line that somebody left dirty may be written back over it later.
// Afterwards: no line that was fetched in between may hide it. And before what is read: what is in caches alone comes to
// memory (DDI 0487, issue K.a, The data cache maintenance instructions, and Mismatched memory attributes).
// In: x10 begin, x11 end. Clobbers: x14, x15, flags. Stack: none.
clean_invalidate_dcache:
	mrs	x14, ctr_el0
	ubfx	x14, x14, #CTR_EL0_DMINLINE_SHIFT, #CTR_EL0_DMINLINE_WIDTH
	mov	x15, #CTR_EL0_WORD_SIZE
	lsl	x14, x15, x14
	// Nothing orders the maintenance behind stores that bypass the cache but a barrier.
	dmb	sy
	mov	x15, x10
1:	dc	civac, x15
	add	x15, x15, x14
	cmp	x15, x11
	b.lo	1b
	// Complete, for walks and for what comes next.
	dsb	sy
	ret

// A tree that lies where the variables, stacks and tables go is moved behind them before the first of them is written:
// firmware loaders, which do not read the header, put it behind the bytes of the file. What is moved is looked at later.
// In: x0 its address, as the VMM says. Out: x0 where it is. Clobbers: x9-x11, x14-x19, flags. Stack: none.
rescue_tree:
	mov	x16, x30
	adr_l	x9, vmb_binary_end
	adr_l	x17, vmb_image_end
	cmp	x0, x9
	b.lo	3f
	cmp	x0, x17
	b.hs	3f
	tst	x0, #7
	b.ne	3f
	mov	x10, x0
	add	x11, x0, #8
	bl	clean_invalidate_dcache
	ldp	w9, w18, [x0]
	mov_imm32 w10, FDT_MAGIC_BIG_ENDIAN
	cmp	w9, w10
	b.ne	3f
	rev	w18, w18
	cmp	w18, #TREE_SIZE_MAX
	b.hi	3f
	add	x18, x18, #7
	bic	x18, x18, #7
	// Both places, and what is between them.
	mov	x10, x0
	add	x11, x17, x18
	bl	clean_invalidate_dcache
	// From its end on, since the places overlap.
	add	x19, x0, x18
1:	cmp	x11, x17
	b.ls	2f
	ldr	x9, [x19, #-8]!
	str	x9, [x11, #-8]!
	b	1b
2:	mov	x10, x17
	add	x11, x17, x18
	bl	clean_invalidate_dcache
	mov	x0, x17
3:	ret	x16
