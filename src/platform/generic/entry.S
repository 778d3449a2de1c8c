// SPDX-License-Identifier: Apache-2.0

// From reset to vmb_enter_c, for an image that runs wherever the VMM puts it. The VMM enters at _start, at EL1 or EL2
// with the MMU and the caches off, DAIF masked, and its boot arguments in x0 to x3 (Linux,
// Documentation/arch/arm64/booting.rst).

#include "../../arch/asm.h"
#include "../../arch/sysreg.h"
#include "../../base/align.h"
#include "../../exception/early_vectors.h"
#include "../boot_map.h"
#include "generic.h"

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
	// At EL3 or with big-endian data neither the code below nor a reset would work.
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

	// From here on an instruction can fault.
	adr_l	x9, vmb_early_vectors
	msr	vbar_el1, x9
	isb	// before the first access that may fault

	// ADRP works only if the image is at a multiple of 4 KiB. The map has 512 GiB.
	adr	x9, _start
	tst	x9, #(VMB_PAGE_SIZE - 1)
	b.ne	vmb_give_up
	lsr	x12, x9, #GIB_SHIFT
	adr_l	x13, vmb_image_end
	sub	x13, x13, #1
	lsr	x13, x13, #GIB_SHIFT
	cmp	x13, #GENERIC_LEVEL1_ENTRIES
	b.hs	vmb_give_up
	bl	vmb_find_tree

	// The first map: each GiB that contains a part of the image. It is written with the caches off, between two
	// invalidations (vmb_clean_invalidate_dcache).
	adr_l	x10, vmb_first_map_table
	add	x11, x10, #GENERIC_LEVEL1_ENTRIES * 8
	bl	vmb_clean_invalidate_dcache
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
	bl	vmb_clean_invalidate_dcache

	// TTBR1's half maps the same memory: the window through which the tables of the boot map are written.
	msr	ttbr1_el1, x10
	orr	x10, x10, #(FIRST_MAP_ASID << TTBR0_EL1_ASID_SHIFT)
	mov_imm32 w11, GENERIC_TCR_EL1
	mov_imm32 w12, SCTLR_EL1_MMU_ON
	bl	vmb_mmu_on
	b	vmb_enter_c

	// No message: only the device tree says where the console is, and the tree cannot be read without a map.
	.global vmb_no_granule
vmb_no_granule:
	b	vmb_give_up

	.balign 8
first_map_attributes:
	.quad	FIRST_MAP_ATTRIBUTES
	.size _start, . - _start

// Cleans and invalidates a range in the data caches. Called before and after memory is written with the caches off:
// before, so that no dirty line is written back over the new data later; after, so that no line that was fetched in
// between hides the new data. Also called before memory is read with the caches off, so that memory has the data of the
// caches (DDI 0487, issue K.a, The data cache maintenance instructions, and Mismatched memory attributes).
// In: x10 begin, x11 end. Clobbers: x14, x15, flags. Stack: none.
	.global vmb_clean_invalidate_dcache
	.type vmb_clean_invalidate_dcache, %function
vmb_clean_invalidate_dcache:
	mrs	x14, ctr_el0
	ubfx	x14, x14, #CTR_EL0_DMINLINE_SHIFT, #CTR_EL0_DMINLINE_WIDTH
	mov	x15, #CTR_EL0_WORD_SIZE
	lsl	x14, x15, x14
	// Begin at the start of a line, so that the steps do not miss the last line.
	neg	x15, x14
	and	x15, x15, x10
	// Only a barrier orders the maintenance after stores that bypass the cache.
	dmb	sy
1:	dc	civac, x15
	add	x15, x15, x14
	cmp	x15, x11
	b.lo	1b
	// The maintenance is complete before walks and the code that comes next.
	dsb	sy
	ret
	.size vmb_clean_invalidate_dcache, . - vmb_clean_invalidate_dcache

// Finds the device tree: at x0, or, if that is 0, at the beginning of the image's GiB, where QEMU puts it for an ELF file.
//
// An address that is not RAM may be a device, may fault, or may cause an SError. So only the first word is read, and
// more only if it is the magic number. If an access faults, there is no tree (vmb_early_exception). The caches are off,
// so that the CPU reads nothing ahead.
//
// Firmware loaders that do not read the header put the tree right after the bytes of the file, where the variables,
// stacks and tables go. Such a tree is moved after them before any of them is written. Its contents are checked later.
//
// In: x0 as the VMM says. Out: x24 the tree, of at most TREE_SIZE_MAX bytes, or GENERIC_NO_TREE; x0 the same if the tree
// has been moved. Clobbers: x9-x11, x14-x19, flags. Stack: none.
	.section .text.vmb_find_tree, "ax", %progbits
	.balign 4
	.global vmb_find_tree
	.type vmb_find_tree, %function
vmb_find_tree:
	mov	x16, x30
	mov	x24, x0
.Ltry_tree:
	tst	x24, #7
	b.ne	.Lno_tree
	mov	x9, #(1 << GENERIC_VA_BITS) - TREE_SIZE_MAX
	cmp	x24, x9
	b.hi	.Lno_tree
	mov	x10, x24
	add	x11, x24, #8
	bl	vmb_clean_invalidate_dcache
	bl	probe
	mov_imm32 w10, FDT_MAGIC_BIG_ENDIAN
	cmp	w9, w10
	b.ne	.Lno_tree
	ldr	w18, [x24, #4]
	rev	w18, w18
	cmp	w18, #TREE_SIZE_MAX
	b.hi	.Lno_tree
	// Its last word must be readable too: the tree does not extend beyond RAM.
	add	x18, x18, #7
	and	x18, x18, #~7
	add	x19, x24, x18
	sub	x10, x19, #8
	bl	probe

	adr_l	x9, vmb_binary_end
	adr_l	x17, vmb_image_end
	cmp	x24, x9
	b.lo	3f
	cmp	x24, x17
	b.hs	3f
	// Copy from the end, since the places may overlap.
	mov	x10, x24
	mov	x11, x19
	bl	vmb_clean_invalidate_dcache
	mov	x10, x17
	add	x11, x17, x18
	bl	vmb_clean_invalidate_dcache
1:	cmp	x11, x17
	b.ls	2f
	ldr	x9, [x19, #-8]!
	str	x9, [x11, #-8]!
	b	1b
2:	add	x11, x17, x18
	bl	vmb_clean_invalidate_dcache
	mov	x0, x17
	mov	x24, x17
3:	ret	x16

.Lno_tree:
	cbnz	x0, 1f
	adr	x9, _start
	and	x9, x9, #~((1 << GIB_SHIFT) - 1)
	cmp	x24, x9
	mov	x24, x9
	b.ne	.Ltry_tree
1:	mov	x24, #GENERIC_NO_TREE
	ret	x16
	.size vmb_find_tree, . - vmb_find_tree

// Reads a word at an address that may not be memory. A fault, synchronous or an SError, is taken before it returns.
// In: x10 address. Out: w9. Clobbers: x14. Stack: none.
probe:
	mrs	x14, isr_el1
	ldr	w9, [x10]
	// The load completes: an SError of it is pending now.
	dsb	sy
	// An SError that was pending before the load is left to main's handlers.
	tbnz	x14, #ISR_EL1_A_SHIFT, 1f
	msr	daifclr, #DAIF_A
	isb	// It is taken here.
	msr	daifset, #DAIF_A
1:	ret
.Lfind_tree_end:
	.size probe, . - probe

// [[noreturn]] void vmb_early_exception(void)
// The early vectors branch here, at EL1 and at EL2.
	.global vmb_early_exception
	.type vmb_early_exception, %function
vmb_early_exception:
	mrs	x9, CurrentEL
	tbnz	x9, #CURRENTEL_EL2_SHIFT, 1f
	mrs	x9, elr_el1
	adr	x10, vmb_find_tree
	sub	x9, x9, x10
	cmp	x9, #(.Lfind_tree_end - vmb_find_tree)
	b.lo	.Lno_tree
	mrs	x1, elr_el1
	b	vmb_early_end

	// At EL2 a reset is a call to EL3. Without EL3 the SMC faults too: then halt.
1:	mrs	x9, elr_el2
	adr_l	x10, vmb_give_up_by_smc
	sub	x9, x9, x10
	cmp	x9, #GIVE_UP_BY_SMC_CALL
	b.eq	vmb_halt
	b	vmb_give_up_by_smc
	.size vmb_early_exception, . - vmb_early_exception
