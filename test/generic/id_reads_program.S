// SPDX-License-Identifier: Apache-2.0

// A hypervisor that traps reads of ID registers (HCR_EL2.TID2 and TID3). After a trap it turns trapping off
// and repeats the read. HVC returns whether a read was trapped and turns trapping on. It uses no memory:
// TPIDR_EL2 is 1 if a read was trapped.

#define HCR_EL2_TID2_TID3 (3 << 17)
#define ESR_EL2_EC_SHIFT 26
#define ESR_EL2_EC_HVC64 0x16

	.section .text.id_reads_program, "ax", %progbits
	.balign 4
	.global id_reads_program
id_reads_program:
	adr	x9, vectors
	msr	vbar_el2, x9
	msr	tpidr_el2, xzr
	eret

	.balign 2048
vectors:
	.org	vectors + 0x400
	mov	sp, x1
	mrs	x1, esr_el2
	lsr	x1, x1, #ESR_EL2_EC_SHIFT
	cmp	x1, #ESR_EL2_EC_HVC64
	b.eq	1f

	mov	x1, #1
	msr	tpidr_el2, x1
	mrs	x1, hcr_el2
	bic	x1, x1, #HCR_EL2_TID2_TID3
	msr	hcr_el2, x1
	mov	x1, sp
	eret

1:	mrs	x0, tpidr_el2
	msr	tpidr_el2, xzr
	mrs	x1, hcr_el2
	orr	x1, x1, #HCR_EL2_TID2_TID3
	msr	hcr_el2, x1
	mov	x1, sp
	eret
