// SPDX-License-Identifier: Apache-2.0

// Enters the image at 0x40200000 at EL2 with the worst state that earlier software may leave: all traps of
// EL1 enabled, and wrong ID values and virtual time. With WITH_E2H, HCR_EL2.E2H is 1. Passes the values that
// el2_state.c expects: x1 MIDR_EL1, x2 MPIDR_EL1, x3 PMCR_EL0.N (bits 7:0), bytes of an SVE vector (from bit
// 8), bytes of a streaming vector (from bit 32).

#define IMAGE 0x40200000

#define HCR_EL2_TRAPS 0x04d6001854f7c039 // VM, FMO, IMO, AMO, TWE, TID0-5, TSC, TIDCP, TACR, TSW, TVM, TDZ, TRVM, TLOR, TERR, TICAB, TOCU, TTLBIS, TTLBOS
#define HCR_EL2_RW_E2H 0x480000000
#define CPTR_EL2_TRAPS 0xc01037ff // TCPAC, TAM, TTA, TSM, TFP, TZ
#define CPTR_EL2_E2H_TRAPS 0xd0000000 // TCPAC, TAM, TTA; ZEN, FPEN and SMEN are 0
#define CPTR_EL2_NONE 0x22ff
#define MDCR_EL2_TRAPS 0x84e60 // TTRF, TPMS, TPMCR, TPM, TDA, TDOSA, TDRA; HPMN is 0
#define ICH_HCR_EL2_TRAPS 0x3c00 // TC, TALL0, TALL1, TSEI
#define SCTLR_EL1_WRONG 0x2080005 // M, C, WXN, EE
#define VECTORS_MAX 0xc000000f

// Writes a register that some CPUs lack.
.macro dirty register, value
	ldr	x9, =\value
	msr	\register, x9
.endm

	.section .text.el2_dirt, "ax", %progbits
	.global el2_dirt
el2_dirt:
	adr	x9, vectors
	msr	vbar_el2, x9
	isb
	mrs	x1, midr_el1
	mrs	x2, mpidr_el1
	mrs	x3, pmcr_el0
	ubfx	x3, x3, #11, #5

	// Reads the vector lengths that EL3 allows.
	msr	hcr_el2, xzr
	isb
	dirty	cptr_el2, CPTR_EL2_NONE
	isb
	dirty	s3_4_c1_c2_0, VECTORS_MAX // ZCR_EL2
	dirty	s3_4_c1_c2_6, VECTORS_MAX // SMCR_EL2
	isb
	mov	x10, #0
	.inst	0x04bf502a // RDVL X10, #1
	orr	x3, x3, x10, lsl #8
	mov	x10, #0
	.inst	0x04bf582a // RDSVL X10, #1
	orr	x3, x3, x10, lsl #32
	dirty	s3_4_c1_c2_0, 0
	dirty	s3_4_c1_c2_6, 0
	dirty	s3_3_c4_c2_2, 3 // SVCR: streaming mode, and ZA

	// Fine-grained traps, each bit with the value that traps.
	dirty	s3_4_c1_c1_4, 0x3ffffffffffff // HFGRTR_EL2
	dirty	s3_4_c1_c1_5, 0x3ffffffffffff // HFGWTR_EL2
	dirty	s3_4_c1_c1_6, 0xf07fffffffffffff // HFGITR_EL2
	dirty	s3_4_c3_c1_4, 0x87ffffffffffffff // HDFGRTR_EL2
	dirty	s3_4_c3_c1_5, 0x87ffffffffffffff // HDFGWTR_EL2
	dirty	s3_4_c3_c1_6, -1 // HAFGRTR_EL2
	dirty	s3_4_c3_c1_0, 0 // HDFGRTR2_EL2
	dirty	s3_4_c3_c1_1, 0 // HDFGWTR2_EL2
	dirty	s3_4_c3_c1_2, 0 // HFGRTR2_EL2
	dirty	s3_4_c3_c1_3, 0 // HFGWTR2_EL2
	dirty	s3_4_c3_c1_7, 1 // HFGITR2_EL2
	dirty	s3_4_c1_c2_2, 0x278 // HCRX_EL2: FnXS, FGTnXS, SMPME, TALLINT, CMOW
	dirty	s3_4_c10_c5_0, 0x403000000000000 // MPAM2_EL2: TIDR, TRAPMPAM0EL1, TRAPMPAM1EL1
	dirty	s3_4_c10_c4_0, 0x80000000 // MPAMHCR_EL2: TRAP_MPAMIDR_EL1
	dirty	s3_0_c2_c5_0, 0x1 // GCSCR_EL1: PCRSEL
	dirty	s3_0_c2_c0_3, 0x7fffff // TCR2_EL1
	dirty	s3_0_c1_c0_3, 0x1fff // SCTLR2_EL1
	mrs	x9, id_aa64pfr0_el1
	tst	x9, #(1 << 24)
	b.eq	1f
	dirty	s3_4_c12_c11_0, ICH_HCR_EL2_TRAPS
1:	dirty	mdcr_el2, MDCR_EL2_TRAPS
	dirty	sctlr_el1, SCTLR_EL1_WRONG
	dirty	cntvoff_el2, 0x123456789abcd
	msr	vttbr_el2, x9
	msr	vpidr_el2, x9
	msr	vmpidr_el2, x9
	ldr	x9, =HCR_EL2_TRAPS
	ldr	x10, =CPTR_EL2_TRAPS
#ifdef WITH_E2H
	ldr	x10, =HCR_EL2_RW_E2H
	orr	x9, x9, x10
	ldr	x10, =CPTR_EL2_E2H_TRAPS
#endif
	msr	hcr_el2, x9
	isb
	msr	cptr_el2, x10
	msr	cnthctl_el2, xzr
	msr	vbar_el2, xzr
	isb
	mov	x9, #IMAGE
	br	x9

	// Skips the write of a register that the CPU lacks.
	.balign 2048
vectors:
	.org	vectors + 0x200
	mrs	x19, elr_el2
	add	x19, x19, #4
	msr	elr_el2, x19
	eret
