// SPDX-License-Identifier: Apache-2.0

// Enters the image at 0x40200000 at EL1, with the device tree at 0x48000000, like the VMM of this tree. If it
// runs at EL2, it first switches to EL1 and leaves no program at EL2: HVC is not handled, SMC goes to QEMU's
// firmware.

#define IMAGE 0x40200000
#define TREE 0x48000000
#define CURRENTEL_EL1 (1 << 2)
#define HCR_EL2_RW (1 << 31)
#define SPSR_EL1H_MASKED 0x3c5

	.section .text.with_tree, "ax", %progbits
	.global with_tree
with_tree:
	mov	x0, #TREE
	mov	x9, #IMAGE
	mrs	x10, CurrentEL
	cmp	x10, #CURRENTEL_EL1
	b.eq	1f
	mov	x10, #HCR_EL2_RW
	msr	hcr_el2, x10
	mov	x10, #SPSR_EL1H_MASKED
	msr	spsr_el2, x10
	msr	elr_el2, x9
	eret
1:	br	x9
