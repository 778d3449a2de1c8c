// SPDX-License-Identifier: Apache-2.0

// Registers and fields that a boot at EL2 sets, so that EL1 is in the same state as in a VM that begins at EL1.
// The names are those of Arm DDI 0487, issue L.a, AArch64 System Register Descriptions.

#ifndef VMB_SYSREG_EL2_H
#define VMB_SYSREG_EL2_H

#include "sysreg.h"

// Registers that clang 14 does not know, or knows for newer CPUs only.
#define GCSCR_EL1 s3_0_c2_c5_0
#define GCSCRE0_EL1 s3_0_c2_c5_2
#define HAFGRTR_EL2 s3_4_c3_c1_6
#define HCRX_EL2 s3_4_c1_c2_2
#define HDFGRTR2_EL2 s3_4_c3_c1_0
#define HDFGRTR_EL2 s3_4_c3_c1_4
#define HDFGWTR2_EL2 s3_4_c3_c1_1
#define HDFGWTR_EL2 s3_4_c3_c1_5
#define HFGITR2_EL2 s3_4_c3_c1_7
#define HFGITR_EL2 s3_4_c1_c1_6
#define HFGRTR2_EL2 s3_4_c3_c1_2
#define HFGRTR_EL2 s3_4_c1_c1_4
#define HFGWTR2_EL2 s3_4_c3_c1_3
#define HFGWTR_EL2 s3_4_c1_c1_5
#define ICC_SRE_EL2 s3_4_c12_c9_5
#define ICH_HCR_EL2 s3_4_c12_c11_0
#define ID_AA64MMFR3_EL1 s3_0_c0_c7_3
#define ID_AA64MMFR4_EL1 s3_0_c0_c7_4
#define MPAM2_EL2 s3_4_c10_c5_0
#define MPAMHCR_EL2 s3_4_c10_c4_0
#define MPAMIDR_EL1 s3_0_c10_c4_4
#define SCTLR2_EL1 s3_0_c1_c0_3
#define SMCR_EL2 s3_4_c1_c2_6
#define SVCR s3_3_c4_c2_2
#define TCR2_EL1 s3_0_c2_c0_3
#define ZCR_EL2 s3_4_c1_c2_0

// EL1's registers, under their names at EL2 with HCR_EL2.E2H.
#define ELR_EL12 s3_5_c4_c0_1
#define ESR_EL12 s3_5_c5_c2_0
#define FAR_EL12 s3_5_c6_c0_0
#define SCTLR_EL12 s3_5_c1_c0_0
#define SPSR_EL12 s3_5_c4_c0_0
#define VBAR_EL12 s3_5_c12_c0_0

// ID registers: the lowest bit of a field of four. A field that is 0 says that the CPU lacks the feature.
#define ID_FIELD_WIDTH 4
#define ID_AA64DFR0_PMUVER_SHIFT 8
#define ID_AA64DFR0_PMUVER_NONE_OF_ARM 0xf
#define ID_AA64MMFR0_FGT_SHIFT 56
#define ID_AA64MMFR0_FGT2 2 // FEAT_FGT2
#define ID_AA64MMFR1_HCX_SHIFT 40
#define ID_AA64MMFR3_TCRX_SHIFT 0
#define ID_AA64MMFR3_SCTLRX_SHIFT 4
#define ID_AA64MMFR4_E2H0_SIGN 27 // HCR_EL2.E2H is RES1
#define ID_AA64PFR0_GIC_SHIFT 24
#define ID_AA64PFR0_SVE_SHIFT 32
#define ID_AA64PFR0_MPAM_SHIFT 40
#define ID_AA64PFR0_AMU_SHIFT 44
#define ID_AA64PFR1_MPAM_FRAC_SHIFT 16
#define ID_AA64PFR1_SME_SHIFT 24
#define ID_AA64PFR1_GCS_SHIFT 44

// HCR_EL2. In this register and those below, bits of features that the CPU lacks are RES0.
#define HCR_EL2_RW VMB_BIT(31) // EL1 is AArch64
#define HCR_EL2_E2H_SHIFT 34   // registers of EL2 have the formats of EL1's, and the names of EL1's at EL2
#define HCR_EL2_E2H VMB_BIT(HCR_EL2_E2H_SHIFT)
#define HCR_EL2_APK VMB_BIT(40)    // not trapped: keys of pointer authentication, …
#define HCR_EL2_API VMB_BIT(41)    // … its instructions, …
#define HCR_EL2_FIEN VMB_BIT(47)   // … fault injection, …
#define HCR_EL2_ENSCXT VMB_BIT(53) // … SCXTNUM_EL1, …
#define HCR_EL2_ATA VMB_BIT(56)    // … registers and tags of FEAT_MTE2

// CPTR_EL2, without E2H and with it
#define CPTR_EL2_NONE_TRAPPED 0x33ff // the RES1 bits; without FEAT_SVE TZ is one of them, without FEAT_SME TSM
#define CPTR_EL2_TZ VMB_BIT(8)
#define CPTR_EL2_TSM VMB_BIT(12)
#define CPTR_EL2_E2H_ZEN_FPEN_SMEN (VMB_FIELD(3, 16) | VMB_FIELD(3, 20) | VMB_FIELD(3, 24))

// ZCR_EL2 and SMCR_EL2: vectors as long as the CPU and EL3 allow; ZT0, and all instructions in Streaming SVE
// mode
#define ZCR_EL2_LEN_MAX 0xf
#define SMCR_EL2_EZT0_FA64 (VMB_BIT(30) | VMB_BIT(31))

// CNTHCTL_EL2: EL1 has the physical counter and timer. With E2H both bits are higher.
#define CNTHCTL_EL2_EL1PCTEN_EL1PCEN 3
#define CNTHCTL_EL2_E2H_SHIFT 10

// MDCR_EL2: EL1 owns the buffers of the profiling and trace extensions. HPMN is the number of its event
// counters.
#define MDCR_EL2_E2PB_E2TB (VMB_FIELD(3, 12) | VMB_FIELD(3, 24))
#define PMCR_EL0_N_SHIFT 11
#define PMCR_EL0_N_WIDTH 5

// Fine-grained traps. A bit whose name begins with n traps if it is 0, any other bit if it is 1. These are the
// bits of the first kind. The trap register for writes has the same bits as the one for reads, or RES0.
#define HFGRTR_EL2_N (VMB_FIELD(0xfff, 52) | VMB_BIT(50)) // nAMAIR2_EL1 to nGCS_EL0, nACCDATA_EL1
#define HFGITR_EL2_N VMB_FIELD(0x1f, 55)                  // nGCSEPP to nBRBINJ
#define HDFGRTR_EL2_N VMB_FIELD(0xf, 59)                  // nPMSNEVFR_EL1 to nBRBIDR
#define HFGRTR2_EL2_N 0x7fff                              // nACTLRALIAS_EL1 to nPFAR_EL1
#define HFGITR2_EL2_N VMB_BIT(1)                          // nDCCIVAPS
#define HDFGRTR2_EL2_N 0x1ffffff                          // nPMBMAR_EL1 to nPMECR_EL1

// HCRX_EL2: EnAS0, EnALS, EnASR, MSCEn, TCR2En, SCTLR2En, D128En, EnIDCP128, GCSEn, EnFPM, PACMEn, SRMASKEn.
// Without them EL1 lacks the feature.
#define HCRX_EL2_ENABLES                                                                                       \
	(VMB_FIELD(7, 0) | VMB_BIT(11) | VMB_BIT(14) | VMB_BIT(15) | VMB_BIT(17) | VMB_BIT(21) | VMB_BIT(22) | \
	 VMB_BIT(23) | VMB_BIT(24) | VMB_BIT(26))

#define ICC_SRE_EL2_SRE_SHIFT 0 // the GIC by system registers, …
#define ICC_SRE_EL2_SRE VMB_BIT(ICC_SRE_EL2_SRE_SHIFT)
#define ICC_SRE_EL2_ENABLE VMB_BIT(3) // … at EL1 too
#define MPAMIDR_EL1_HAS_HCR_SHIFT 17
#define SPSR_EL2_SP VMB_BIT(0)     // it was on the stack of its own exception level
#define SPSR_EL2_EL1H_MASKED 0x3c5 // EL1 on SP_EL1, D, A, I and F masked
#define ESR_EL2_EC_SHIFT 26
#define ESR_EL2_EC_HVC64 0x16
#define VECTOR_CURRENT_SPX 0x200 // a synchronous exception out of the same exception level, on its own stack

#endif
