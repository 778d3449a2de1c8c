// SPDX-License-Identifier: Apache-2.0

// The program at EL2 that el2.c enters. In: x0 the UART's data register, x1 to x3 1, 2 and 3. MMU off.

#define CURRENTEL_EL2 (2 << 2)
#define SCTLR_EL2_M_SHIFT 0
#define PSCI_SYSTEM_OFF 0x84000008

	.section .text.el2_program, "ax", %progbits
	.balign 4
	.global el2_program
el2_program:
	adr	x9, failed
	mrs	x10, CurrentEL
	cmp	x10, #CURRENTEL_EL2
	ccmp	x1, #1, #0, eq
	ccmp	x2, #2, #0, eq
	ccmp	x3, #3, #0, eq
	b.ne	1f
	mrs	x10, sctlr_el2
	tbnz	x10, #SCTLR_EL2_M_SHIFT, 1f
	adr	x9, passed
1:	ldrb	w10, [x9], #1
	cbz	w10, 2f
	str	w10, [x0]
	b	1b
2:	mov	w0, #(PSCI_SYSTEM_OFF & 0xffff)
	movk	w0, #(PSCI_SYSTEM_OFF >> 16), lsl #16
	smc	#0
	b	.

passed:
	.asciz	"ok 3 - a program runs at EL2, with its arguments and the MMU off\n1..3\n"
failed:
	.asciz	"not ok 3 - the program at EL2 found something else\n1..3\n"
