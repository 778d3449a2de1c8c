// SPDX-License-Identifier: Apache-2.0

// Enters the image at 0x40200000 from an EL2 that traps from EL1 what it can, and lies to it, as somebody may leave it. In
// x1 to x3 it gets what el2_state.c should find: MIDR_EL1, MPIDR_EL1, and PMCR_EL0.N.

#define IMAGE 0x40200000

#define HCR_EL2_TRAPS 0x44764039 // VM, FMO, IMO, AMO, TWE, TID1, TID2, TSC, TIDCP, TACR, TSW, TVM, TRVM
#define CPTR_EL2_TRAPS 0x800037ff // TCPAC, TFP
#define MDCR_EL2_TRAPS 0xe60 // TPMCR, TPM, TDA, TDOSA, TDRA; HPMN is 0
#define ICH_HCR_EL2_TRAPS 0x3c00 // TC, TALL0, TALL1, TSEI
#define SCTLR_EL1_WRONG 0x2080005 // M, C, WXN, EE

	.section .text.el2_dirt, "ax", %progbits
	.global el2_dirt
el2_dirt:
	mrs	x1, midr_el1
	mrs	x2, mpidr_el1
	mrs	x3, pmcr_el0
	ubfx	x3, x3, #11, #5
	ldr	x9, =HCR_EL2_TRAPS
	msr	hcr_el2, x9
	ldr	x9, =CPTR_EL2_TRAPS
	msr	cptr_el2, x9
	mov	x9, #MDCR_EL2_TRAPS
	msr	mdcr_el2, x9
	ldr	x9, =SCTLR_EL1_WRONG
	msr	sctlr_el1, x9
	msr	cnthctl_el2, xzr
	ldr	x9, =0x123456789abcd
	msr	cntvoff_el2, x9
	msr	vttbr_el2, x9
	msr	vpidr_el2, x9
	msr	vmpidr_el2, x9
	msr	vbar_el2, xzr
	mrs	x9, id_aa64pfr0_el1
	tst	x9, #(1 << 24)
	b.eq	1f
	mov	x9, #ICH_HCR_EL2_TRAPS
	msr	s3_4_c12_c11_0, x9
1:	isb
	mov	x9, #IMAGE
	br	x9
