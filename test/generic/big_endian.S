// SPDX-License-Identifier: Apache-2.0

// Enters the image at 0x40200000 with big-endian data: SCTLR_ELx.EE of the current exception level is set.

#define IMAGE 0x40200000
#define SCTLR_EE (1 << 25)
#define CURRENTEL_EL1 (1 << 2)

	.section .text.big_endian, "ax", %progbits
	.global big_endian
big_endian:
	mrs	x9, CurrentEL
	cmp	x9, #CURRENTEL_EL1
	b.ne	1f
	mrs	x9, sctlr_el1
	orr	x9, x9, #SCTLR_EE
	msr	sctlr_el1, x9
	b	2f
1:	mrs	x9, sctlr_el2
	orr	x9, x9, #SCTLR_EE
	msr	sctlr_el2, x9
2:	isb
	mov	x9, #IMAGE
	br	x9
