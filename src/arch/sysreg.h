// SPDX-License-Identifier: Apache-2.0

// Fields of the system registers and translation descriptors that the library uses, for C and assembly. The
// names are those of Arm DDI 0487, issue K.a: AArch64 System Register Descriptions, and Translation table
// descriptor formats.

#ifndef VMB_SYSREG_H
#define VMB_SYSREG_H

#ifdef __ASSEMBLER__
#define VMB_BIT(n) (1 << (n))
#define VMB_FIELD(value, shift) ((value) << (shift))
#else
#include <stdint.h>
#define VMB_BIT(n) (UINT64_C(1) << (n))
#define VMB_FIELD(value, shift) ((uint64_t)(value) << (shift))
#endif

// CurrentEL
#define CURRENTEL_EL1 VMB_FIELD(1, 2)
#define CURRENTEL_EL2 VMB_FIELD(2, 2)
#define CURRENTEL_EL2_SHIFT 3

// ISR_EL1, and DAIFSet and DAIFClr
#define ISR_EL1_A_SHIFT 8 // an SError is pending
#define DAIF_A 4

// SPSR_EL1 of AArch64 state
#define SPSR_EL1_SP VMB_BIT(0) // the interrupted code ran on SP_EL1, not on SP_EL0

// The immediate of MSR DAIFSet and DAIFClr
#define DAIF_FIQ (1 << 0)
#define DAIF_IRQ (1 << 1)
#define DAIF_SERROR (1 << 2)
#define DAIF_DEBUG (1 << 3)
#define DAIF_ALL (DAIF_DEBUG | DAIF_SERROR | DAIF_IRQ | DAIF_FIQ)

// SCTLR_EL1
#define SCTLR_EL1_M VMB_BIT(0)       // MMU on
#define SCTLR_EL1_C VMB_BIT(2)       // data and unified caches on
#define SCTLR_EL1_SA VMB_BIT(3)      // a misaligned SP faults when it is a base at EL1
#define SCTLR_EL1_SA0 VMB_BIT(4)     // … and at EL0
#define SCTLR_EL1_ITD VMB_BIT(7)     // RES1 if EL0 cannot use AArch32 state, which the library does not use
#define SCTLR_EL1_SED VMB_BIT(8)     // likewise
#define SCTLR_EL1_EOS VMB_BIT(11)    // exception exit synchronises (RES1 without FEAT_ExS)
#define SCTLR_EL1_I VMB_BIT(12)      // instruction caches on
#define SCTLR_EL1_WXN VMB_BIT(19)    // nothing writable is executable
#define SCTLR_EL1_TSCXT VMB_BIT(20)  // EL0 does not see SCXTNUM_EL0 (RES1 without FEAT_CSV2_2)
#define SCTLR_EL1_EIS VMB_BIT(22)    // exception entry synchronises (RES1 without FEAT_ExS)
#define SCTLR_EL1_SPAN VMB_BIT(23)   // taking an exception leaves PSTATE.PAN (RES1 without FEAT_PAN)
#define SCTLR_EE_SHIFT 25            // data is big-endian; the same bit of SCTLR_EL2
#define SCTLR_EL1_NTLSMD VMB_BIT(28) // RES1 without FEAT_LSMAOC
#define SCTLR_EL1_LSMAOE VMB_BIT(29) // RES1 without FEAT_LSMAOC

// The part that does not concern the MMU: no alignment check on ordinary accesses, little-endian, pointer
// authentication off. SPAN is clear, so that taking an exception sets PSTATE.PAN; mmu_on.S sets SPAN if the CPU
// lacks PAN. All bits are set that are RES1 in Armv8.0.
#define SCTLR_EL1_BASE                                                                                         \
	(SCTLR_EL1_SA | SCTLR_EL1_SA0 | SCTLR_EL1_ITD | SCTLR_EL1_SED | SCTLR_EL1_EOS | SCTLR_EL1_TSCXT |      \
	 SCTLR_EL1_EIS | SCTLR_EL1_NTLSMD | SCTLR_EL1_LSMAOE)
#define SCTLR_EL1_MMU_OFF (SCTLR_EL1_BASE | SCTLR_EL1_SPAN)
#define SCTLR_EL1_MMU_ON (SCTLR_EL1_BASE | SCTLR_EL1_M | SCTLR_EL1_C | SCTLR_EL1_I)

// TCR_EL1
#define TCR_EL1_T0SZ(bits) VMB_FIELD(bits, 0) // the virtual address has 64 - bits bits
#define TCR_EL1_IRGN0_WBWA VMB_FIELD(1, 8)    // table walks: Write-Back, Write-Allocate, …
#define TCR_EL1_ORGN0_WBWA VMB_FIELD(1, 10)
#define TCR_EL1_SH0_INNER VMB_FIELD(3, 12) // … Inner Shareable
#define TCR_EL1_TG0_4K VMB_FIELD(0, 14)
#define TCR_EL1_T1SZ(bits) VMB_FIELD(bits, 16)
#define TCR_EL1_EPD1 VMB_BIT(23) // no walks for TTBR1's half
#define TCR_EL1_IRGN1_WBWA VMB_FIELD(1, 24)
#define TCR_EL1_ORGN1_WBWA VMB_FIELD(1, 26)
#define TCR_EL1_SH1_INNER VMB_FIELD(3, 28)
#define TCR_EL1_TG1_4K VMB_FIELD(2, 30)
#define TCR_EL1_IPS_SHIFT 32
#define TCR_EL1_IPS_WIDTH 3
#define TCR_EL1_IPS_48BIT 5    // the largest that 4 KiB granules without FEAT_LPA2 can use
#define TCR_EL1_HA VMB_BIT(39) // the CPU sets Access flags (FEAT_HAFDBS) …
#define TCR_EL1_HD VMB_BIT(40) // … and dirty states

// Write-back tables of 4 KiB: for TTBR0's half, for TTBR1's half, and for TTBR0's half with the other one
// disabled. IPS comes from the CPU's PARange.
#define TCR_EL1_TTBR0 (TCR_EL1_IRGN0_WBWA | TCR_EL1_ORGN0_WBWA | TCR_EL1_SH0_INNER | TCR_EL1_TG0_4K)
#define TCR_EL1_TTBR1 (TCR_EL1_IRGN1_WBWA | TCR_EL1_ORGN1_WBWA | TCR_EL1_SH1_INNER | TCR_EL1_TG1_4K)
#define TCR_EL1_BASE (TCR_EL1_TTBR0 | TCR_EL1_EPD1)

// TTBR0_EL1
#define TTBR0_EL1_ASID_SHIFT 48
#define TTBR0_EL1_ASID_WIDTH 16

// MAIR_EL1: the two memory types by index. Upstream has the same indices, and its users bring their own tables.
#define MAIR_INDEX_DEVICE 0
#define MAIR_INDEX_NORMAL 1
#define MAIR_DEVICE_NGNRE 0x04
#define MAIR_NORMAL_WB 0xff // Inner and Outer Write-Back Non-transient, Read- and Write-Allocate
#define MAIR_EL1_VALUE                                                                                         \
	((MAIR_NORMAL_WB << (8 * MAIR_INDEX_NORMAL)) | (MAIR_DEVICE_NGNRE << (8 * MAIR_INDEX_DEVICE)))

// Descriptors, 4 KiB granule
#define PTE_VALID VMB_BIT(0)
#define PTE_TABLE_OR_PAGE VMB_BIT(1) // levels 0 to 2: a table, else a block; level 3: always set
#define PTE_ATTR_INDEX(index) VMB_FIELD(index, 2)
#define PTE_ATTR_INDEX_MASK PTE_ATTR_INDEX(7)
#define PTE_AP_RDONLY VMB_BIT(7)
#define PTE_SH_INNER VMB_FIELD(3, 8)
#define PTE_AF VMB_BIT(10)
#define PTE_NG VMB_BIT(11)
#define PTE_ADDRESS_MASK UINT64_C(0x0000fffffffff000)
#define PTE_DBM VMB_BIT(51)        // a write clears AP_RDONLY instead of faulting (FEAT_HAFDBS)
#define PTE_CONTIGUOUS VMB_BIT(52) // one of a run of entries that a TLB may hold as one
#define PTE_PXN VMB_BIT(53)
#define PTE_UXN VMB_BIT(54)
#define PTE_PXN_TABLE VMB_BIT(59)       // of a table: PXN for all that it maps
#define PTE_AP_TABLE_RDONLY VMB_BIT(62) // … AP_RDONLY
// Bits that the CPU ignores.
#define PTE_SOFTWARE_LAZY VMB_BIT(55)    // in an invalid descriptor: the first access makes the page valid
#define PTE_SOFTWARE_TRACKED VMB_BIT(56) // the page is dirty if AP_RDONLY is clear

// CPACR_EL1
#define CPACR_EL1_FPEN_NONE_TRAPPED VMB_FIELD(3, 20)

// CTR_EL0
#define CTR_EL0_DMINLINE_SHIFT 16 // log2 of the 4-byte words in the smallest line of all data caches
#define CTR_EL0_DMINLINE_WIDTH 4
#define CTR_EL0_WORD_SIZE 4

// ID_AA64ISAR0_EL1
#define ID_AA64ISAR0_ATOMIC_SHIFT 20
#define ID_AA64ISAR0_ATOMIC_LSE 2 // FEAT_LSE
#define ID_AA64ISAR0_TLB_SHIFT 56
#define ID_AA64ISAR0_TLB_RANGE 2 // FEAT_TLBIRANGE
#define ID_AA64ISAR0_RNDR_SHIFT 60

// ID_AA64MMFR0_EL1, ID_AA64MMFR1_EL1
#define ID_AA64MMFR0_PARANGE_WIDTH 4
#define ID_AA64MMFR0_TGRAN4_SIGN 31 // set: the CPU lacks granules of 4 KiB
#define ID_AA64MMFR1_HAFDBS_SHIFT 0
#define ID_AA64MMFR1_HAFDBS_DIRTY 2 // dirty states and Access flags
#define ID_AA64MMFR1_PAN_SHIFT 20
#define ID_AA64MMFR1_PAN_WIDTH 4

#endif
