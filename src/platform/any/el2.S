// SPDX-License-Identifier: Apache-2.0

// What happens at EL2: the way down to EL1, and what stays there for the way back.

#include "../../arch/asm.h"
#include "../../arch/sysreg.h"
#include "../../smccc/smccc.h"
#include "any.h"

#define EL2_VECTOR_OFFSET 0x400 // a synchronous exception out of a lower level, in AArch64 state

// void vmb_leave_el2(void)
// Gives EL1 what it would have found in a VM that begins there. (What is RES0 or 0 after the reset of a VM stays as
// it is.) Out: EL1, MMU off. Clobbers: x9-x12, flags. Stack: none.
func vmb_leave_el2
	ldr	x9, 9f
	msr	hcr_el2, x9
	isb
	mov_imm32 w12, SCTLR_EL1_BASE
	// Some CPUs have no E2H but 1 (FEAT_E2H0), and with it other formats.
	mrs	x9, hcr_el2
	tbnz	x9, #HCR_EL2_E2H_SHIFT, 1f
	mov	x10, #CPTR_EL2_NONE_TRAPPED
	mov	x11, #CNTHCTL_EL2_EL1PCTEN_EL1PCEN
	msr	sctlr_el1, x12
	b	2f
1:	mov	x10, #CPTR_EL2_E2H_FPEN_NONE_TRAPPED
	mov	x11, #CNTHCTL_EL2_E2H_EL1PCTEN_EL1PTEN
	msr	s3_5_c1_c0_0, x12 // SCTLR_EL12: EL1's, under the name that E2H gives it
2:	msr	cptr_el2, x10
	msr	cnthctl_el2, x11
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr

	// Who EL1 takes the CPU for.
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9

	// All event counters are EL1's, and no debug exception is EL2's.
	mov	x10, xzr
	mrs	x9, id_aa64dfr0_el1
	ubfx	x9, x9, #ID_AA64DFR0_PMUVER_SHIFT, #ID_AA64DFR0_PMUVER_WIDTH
	cbz	x9, 3f
	cmp	x9, #ID_AA64DFR0_PMUVER_NONE_OF_ARM
	b.eq	3f
	mrs	x10, pmcr_el0
	ubfx	x10, x10, #PMCR_EL0_N_SHIFT, #PMCR_EL0_N_WIDTH
3:	msr	mdcr_el2, x10

	// The GIC's system registers, where it has them.
	mrs	x9, id_aa64pfr0_el1
	ubfx	x9, x9, #ID_AA64PFR0_GIC_SHIFT, #ID_AA64PFR0_GIC_WIDTH
	cbz	x9, 4f
	mrs	x9, s3_4_c12_c9_5 // ICC_SRE_EL2
	orr	x9, x9, #ICC_SRE_EL2_SRE
	orr	x9, x9, #ICC_SRE_EL2_ENABLE
	msr	s3_4_c12_c9_5, x9
	isb
	msr	s3_4_c12_c11_0, xzr // ICH_HCR_EL2

4:	adr_l	x9, vmb_el2_vector - EL2_VECTOR_OFFSET
	msr	vbar_el2, x9
	mov	x9, #SPSR_EL2_EL1H_MASKED
	msr	spsr_el2, x9
	msr	elr_el2, x30
	eret
	.balign 8
9:	.quad	HCR_EL2_RW | HCR_EL2_APK | HCR_EL2_API
endfunc vmb_leave_el2

// The ninth slot of the early vectors, which those leave free: an exception out of EL1. sections.ld puts it there.
// Nothing is trapped but HVC: any other exception is of an instruction that the library does not use, and halts.
	.section .text.vectors.el2, "ax", %progbits
	.balign 128
	.global vmb_el2_vector
vmb_el2_vector:
	msr	tpidr_el2, x1
	mrs	x1, esr_el2
	lsr	x1, x1, #ESR_EL2_EC_SHIFT
	cmp	x1, #ESR_EL2_EC_HVC64
	mrs	x1, tpidr_el2
	b.ne	vmb_halt
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
