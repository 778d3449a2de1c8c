// SPDX-License-Identifier: Apache-2.0

// The code that runs at EL2: the way down to EL1, and the vector that stays there for the way back.

#include "../../arch/asm.h"
#include "../../arch/sysreg_el2.h"
#include "../../smccc/smccc_call.h"
#include "generic.h"

// Branches if the CPU lacks a feature, which a field of the ID register in `id` tells. Out: x14 the field.
.macro unless_has id, shift, label
	ubfx	x14, \id, #\shift, #ID_FIELD_WIDTH
	cbz	x14, \label
.endm

// void vmb_leave_el2(void)
// Gives EL1 the state of a VM that begins at EL1. After firmware, the registers of EL2 are UNKNOWN. A register that not
// every CPU has is written if an ID field says that it exists.
// Out: EL1, MMU off. Clobbers: x9-x15, flags. Stack: none.
func vmb_leave_el2
	// A fault on the way ends the VM as after a crash.
	adr_l	x9, vmb_early_vectors
	msr	vbar_el2, x9
	isb

	// With E2H the registers of EL2 have other formats. If E2H is RES1, HCR_EL2 may still read as it was written.
	// An ID field says whether it is RES1. On CPUs that are older than the field, and under hypervisors that cannot
	// trap its reads, the test is whether FAR_EL1 and FAR_EL2 are one register.
	ldr	x15, hcr_el2_value
	mrs	x9, ID_AA64MMFR4_EL1
	tbnz	x9, #ID_AA64MMFR4_E2H0_SIGN, 1f
	msr	hcr_el2, x15
	isb
	msr	far_el1, xzr
	isb	// Accesses to one register by two names are not ordered otherwise.
	msr	far_el2, x15
	isb
	mrs	x9, far_el1
	cbz	x9, 2f
1:	orr	x15, x15, #HCR_EL2_E2H
	msr	hcr_el2, x15
	isb	// before names and formats matter
2:	mov_imm32 w9, SCTLR_EL1_MMU_OFF
	mov	x10, #CPTR_EL2_NONE_TRAPPED
	mov	x11, #CNTHCTL_EL2_EL1PCTEN_EL1PCEN
	tbnz	x15, #HCR_EL2_E2H_SHIFT, 3f
	msr	sctlr_el1, x9
	b	4f
3:	msr	SCTLR_EL12, x9
	mov	x10, #CPTR_EL2_E2H_ZEN_FPEN_SMEN
	lsl	x11, x11, #CNTHCTL_EL2_E2H_SHIFT
4:	msr	cnthctl_el2, x11
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr

	// The identity of the CPU, as EL1 reads it.
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9

	// Vectors and matrices. With E2H the two bits are 0 already.
	mrs	x12, id_aa64pfr0_el1
	mrs	x13, id_aa64pfr1_el1
	unless_has x12, ID_AA64PFR0_SVE_SHIFT, 1f
	bic	x10, x10, #CPTR_EL2_TZ
1:	unless_has x13, ID_AA64PFR1_SME_SHIFT, 2f
	bic	x10, x10, #CPTR_EL2_TSM
2:	msr	cptr_el2, x10
	isb	// before what it would trap
	mov	x10, #ZCR_EL2_LEN_MAX
	unless_has x12, ID_AA64PFR0_SVE_SHIFT, 1f
	msr	ZCR_EL2, x10
1:	unless_has x13, ID_AA64PFR1_SME_SHIFT, 1f
	orr	x10, x10, #SMCR_EL2_EZT0_FA64
	msr	SMCR_EL2, x10
	msr	SVCR, xzr

	// EL1 owns all event counters and takes all debug exceptions.
1:	mov_imm32 w10, MDCR_EL2_E2PB_E2TB
	mrs	x9, id_aa64dfr0_el1
	unless_has x9, ID_AA64DFR0_PMUVER_SHIFT, 1f
	cmp	x14, #ID_AA64DFR0_PMUVER_NONE_OF_ARM
	b.eq	1f
	mrs	x9, pmcr_el0
	ubfx	x9, x9, #PMCR_EL0_N_SHIFT, #PMCR_EL0_N_WIDTH
	orr	x10, x10, x9
1:	msr	mdcr_el2, x10

	// Fine-grained traps of both generations.
	mrs	x9, id_aa64mmfr0_el1
	unless_has x9, ID_AA64MMFR0_FGT_SHIFT, 2f
	cmp	x14, #ID_AA64MMFR0_FGT2
	mov	x10, #HFGRTR_EL2_N
	msr	HFGRTR_EL2, x10
	msr	HFGWTR_EL2, x10
	mov	x10, #HFGITR_EL2_N
	msr	HFGITR_EL2, x10
	mov	x10, #HDFGRTR_EL2_N
	msr	HDFGRTR_EL2, x10
	msr	HDFGWTR_EL2, x10
	unless_has x12, ID_AA64PFR0_AMU_SHIFT, 1f
	msr	HAFGRTR_EL2, xzr
1:	b.lo	2f
	mov	x10, #HFGRTR2_EL2_N
	msr	HFGRTR2_EL2, x10
	msr	HFGWTR2_EL2, x10
	mov	x10, #HFGITR2_EL2_N
	msr	HFGITR2_EL2, x10
	mov	x10, #HDFGRTR2_EL2_N
	msr	HDFGRTR2_EL2, x10
	msr	HDFGWTR2_EL2, x10
2:	mrs	x9, id_aa64mmfr1_el1
	unless_has x9, ID_AA64MMFR1_HCX_SHIFT, 1f
	mov_imm32 w10, HCRX_EL2_ENABLES
	msr	HCRX_EL2, x10

	// Memory partitioning, whose version is in two fields.
1:	ubfx	x9, x13, #ID_AA64PFR1_MPAM_FRAC_SHIFT, #ID_FIELD_WIDTH
	ubfx	x14, x12, #ID_AA64PFR0_MPAM_SHIFT, #ID_FIELD_WIDTH
	orr	x9, x9, x14
	cbz	x9, 1f
	msr	MPAM2_EL2, xzr
	mrs	x9, MPAMIDR_EL1
	tbz	x9, #MPAMIDR_EL1_HAS_HCR_SHIFT, 1f
	msr	MPAMHCR_EL2, xzr

	// The GIC's system registers. EL3 or the GIC may keep SRE at 0: then ICH_HCR_EL2 does not exist.
1:	unless_has x12, ID_AA64PFR0_GIC_SHIFT, 1f
	mrs	x9, ICC_SRE_EL2
	orr	x9, x9, #ICC_SRE_EL2_SRE
	orr	x9, x9, #ICC_SRE_EL2_ENABLE
	msr	ICC_SRE_EL2, x9
	isb
	mrs	x9, ICC_SRE_EL2
	tbz	x9, #ICC_SRE_EL2_SRE_SHIFT, 1f
	msr	ICH_HCR_EL2, xzr

1:	mov	x9, #SPSR_EL2_EL1H_MASKED
	msr	spsr_el2, x9
	adr	x9, 1f
	msr	elr_el2, x9
	isb	// With SCTLR_EL2.EOS 0 the return does not synchronise.
	eret

	// Registers of EL1 that could have an effect with the MMU off, under their names at EL1.
1:	unless_has x13, ID_AA64PFR1_GCS_SHIFT, 1f
	msr	GCSCR_EL1, xzr
	msr	GCSCRE0_EL1, xzr
1:	mrs	x9, ID_AA64MMFR3_EL1
	unless_has x9, ID_AA64MMFR3_TCRX_SHIFT, 1f
	msr	TCR2_EL1, xzr
1:	unless_has x9, ID_AA64MMFR3_SCTLRX_SHIFT, 1f
	msr	SCTLR2_EL1, xzr
1:	isb
	ret
	.balign 8
hcr_el2_value:
	.quad	HCR_EL2_RW | HCR_EL2_APK | HCR_EL2_API | HCR_EL2_FIEN | HCR_EL2_ENSCXT | HCR_EL2_ATA
endfunc vmb_leave_el2

// Copies the exception registers of EL2 to those of EL1, whose names at EL2 are the arguments.
// Out: x1 EL1's vectors; flags NE if EL1 was on SP_EL1.
.macro take_to_el1 spsr, elr, esr, far, vbar
	mrs	x1, spsr_el2
	msr	\spsr, x1
	tst	x1, #SPSR_EL2_SP
	mrs	x1, elr_el2
	msr	\elr, x1
	mrs	x1, esr_el2
	msr	\esr, x1
	mrs	x1, far_el2
	msr	\far, x1
	mrs	x1, \vbar
.endm

// The ninth slot of the early vectors, where sections.ld places it: a synchronous exception out of EL1. Interrupts and
// SErrors stay at EL1, so that the code may extend into the next slots. All exceptions except HVC go on to EL1 as if
// there were no EL2, and EL1 reports them: they come from features that are newer than this code, or from traps that a
// program at EL2 has set.
	.section .text.vectors.el2, "ax", %progbits
	.balign 128
	.global vmb_el2_vector
vmb_el2_vector:
	msr	tpidr_el2, x1
	mrs	x1, esr_el2
	lsr	x1, x1, #ESR_EL2_EC_SHIFT
	cmp	x1, #ESR_EL2_EC_HVC64
	b.ne	2f
	mrs	x1, tpidr_el2
	cmp	x0, #EL2_CALL_ENTER
	b.eq	1f
	mov	x0, #SMCCC_NOT_SUPPORTED
	eret
1:	mov	x9, x1
	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	mov	x3, x5
	br	x9

2:	mrs	x1, hcr_el2
	tbnz	x1, #HCR_EL2_E2H_SHIFT, 3f
	take_to_el1 spsr_el1, elr_el1, esr_el1, far_el1, vbar_el1
	b	4f
3:	take_to_el1 SPSR_EL12, ELR_EL12, ESR_EL12, FAR_EL12, VBAR_EL12
4:	b.eq	5f
	add	x1, x1, #VECTOR_CURRENT_SPX
5:	msr	elr_el2, x1
	mov	x1, #SPSR_EL2_EL1H_MASKED
	msr	spsr_el2, x1
	mrs	x1, tpidr_el2
	eret
