// SPDX-License-Identifier: Apache-2.0

// A program at EL2 that traps reads of ID registers by EL1 and installs no vectors.

#define HCR_EL2_TID3 (1 << 18)

	.section .text.el2_trap_program, "ax", %progbits
	.balign 4
	.global el2_trap_program
el2_trap_program:
	mrs	x9, hcr_el2
	orr	x9, x9, #HCR_EL2_TID3
	msr	hcr_el2, x9
	eret
