// SPDX-License-Identifier: Apache-2.0

// EL1 has the state of a VM that starts at EL1, whatever el2_dirt.S has left at EL2. An access that is still
// trapped halts the CPU.

#include "../guest/support/tap.h"

#include <vmbase/el2.h>
#include <vmbase/main.h>

// Defines a function that reads a register.
#define REGISTER(name, assembler_name)                                                                         \
	static uint64_t name(void)                                                                             \
	{                                                                                                      \
		uint64_t value;                                                                                \
                                                                                                               \
		__asm__ volatile("isb\n\tmrs %0, " assembler_name : "=r"(value) : : "memory");                 \
		return value;                                                                                  \
	}

REGISTER(actlr_el1, "actlr_el1")
REGISTER(cpacr_el1, "cpacr_el1")
REGISTER(gcr_el1, "s3_0_c1_c0_6")
REGISTER(id_aa64isar2_el1, "s3_0_c0_c6_2")
REGISTER(id_aa64mmfr3_el1, "s3_0_c0_c7_3")
REGISTER(id_aa64pfr1_el1, "id_aa64pfr1_el1")
REGISTER(scxtnum_el1, "s3_0_c13_c0_7")
REGISTER(sctlr2_el1, "s3_0_c1_c0_3")
REGISTER(svcr, "s3_3_c4_c2_2")
REGISTER(tcr2_el1, "s3_0_c2_c0_3")
REGISTER(tpidr2_el0, "s3_3_c13_c0_5")
REGISTER(apiakeylo_el1, "s3_0_c2_c1_0")
REGISTER(cntfrq_el0, "cntfrq_el0")
REGISTER(cntp_ctl_el0, "cntp_ctl_el0")
REGISTER(cntpct_el0, "cntpct_el0")
REGISTER(cntvct_el0, "cntvct_el0")
REGISTER(icc_pmr_el1, "s3_0_c4_c6_0")
REGISTER(icc_sre_el1, "s3_0_c12_c12_5")
REGISTER(id_aa64isar1_el1, "id_aa64isar1_el1")
REGISTER(id_aa64pfr0_el1, "id_aa64pfr0_el1")
REGISTER(mdscr_el1, "mdscr_el1")
REGISTER(midr_el1, "midr_el1")
REGISTER(mpidr_el1, "mpidr_el1")
REGISTER(pmcr_el0, "pmcr_el0")
REGISTER(sctlr_el1, "sctlr_el1")

#define FIELD(value, shift) ((value) >> (shift)&0xf)
#define ID_AA64ISAR1_APA_SHIFT 4
#define ID_AA64ISAR1_API_SHIFT 8
#define ID_AA64PFR0_GIC_SHIFT 24
#define SCTLR_EL1_ENIA (UINT64_C(1) << 31)
#define PMCR_N(pmcr) ((pmcr) >> 11 & 0x1f)
#define ID_AA64ISAR2_MOPS_SHIFT 16
#define ID_AA64MMFR3_TCRX_SHIFT 0
#define ID_AA64MMFR3_SCTLRX_SHIFT 4
#define ID_AA64PFR0_SVE_SHIFT 32
#define ID_AA64PFR0_CSV2_SHIFT 56
#define ID_AA64PFR1_MTE_SHIFT 8
#define ID_AA64PFR1_SME_SHIFT 24
#define CPACR_EL1_ZEN_SMEN (UINT64_C(3) << 16 | UINT64_C(3) << 24)
#define VECTOR_LENGTH_MAX 0xf

// The fields of x3, set by el2_dirt.S.
#define EVENT_COUNTERS(arg3) ((arg3)&0xff)
#define SVE_BYTES(arg3) ((arg3) >> 8 & 0xffff)
#define SME_BYTES(arg3) ((arg3) >> 32 & 0xffff)

static void authenticate_pointers(void)
{
	const uint64_t sctlr = sctlr_el1();

	(void)apiakeylo_el1();
	__asm__ volatile("msr sctlr_el1, %0\n\t"
			 "isb\n\t"
			 "hint #25\n\t" // PACIASP
			 "hint #29\n\t" // AUTIASP
			 "msr sctlr_el1, %1\n\t"
			 "isb"
			 :
			 : "r"(sctlr | SCTLR_EL1_ENIA), "r"(sctlr)
			 : "x30");
}

static void use_vectors(uint64_t arg3)
{
	const uint64_t cpacr = cpacr_el1();
	uint64_t bytes;

	__asm__ volatile("msr cpacr_el1, %0\n\tisb" : : "r"(cpacr | CPACR_EL1_ZEN_SMEN) : "memory");
	if (FIELD(id_aa64pfr0_el1(), ID_AA64PFR0_SVE_SHIFT) != 0) {
		__asm__ volatile("msr s3_0_c1_c2_0, %1\n\t" // ZCR_EL1
				 "isb\n\t"
				 ".inst 0x04bf5020\n\t" // RDVL X0, #1
				 "mov %0, x0"
				 : "=r"(bytes)
				 : "r"((uint64_t)VECTOR_LENGTH_MAX)
				 : "x0");
		tap_ok(bytes == SVE_BYTES(arg3), "the SVE vector length is the length at EL2");
	}
	if (FIELD(id_aa64pfr1_el1(), ID_AA64PFR1_SME_SHIFT) != 0) {
		__asm__ volatile("msr s3_0_c1_c2_6, %1\n\t" // SMCR_EL1
				 "isb\n\t"
				 ".inst 0x04bf5820\n\t" // RDSVL X0, #1
				 "mov %0, x0"
				 : "=r"(bytes)
				 : "r"((uint64_t)VECTOR_LENGTH_MAX)
				 : "x0");
		tap_ok(bytes == SME_BYTES(arg3), "the streaming vector length is the length at EL2");
		(void)tpidr2_el0();
		tap_ok(svcr() == 0, "streaming mode and ZA are off, and TPIDR2_EL0 is not trapped");
	}
	__asm__ volatile("msr cpacr_el1, %0\n\tisb" : : "r"(cpacr) : "memory");
}

static void set_memory(void)
{
	static char block[64];
	char *destination = block;
	uint64_t size = sizeof(block);
	uint64_t value = 0x5a;

	__asm__ volatile("mov x0, %0\n\t"
			 "mov x1, %1\n\t"
			 "mov x2, %2\n\t"
			 ".inst 0x19c20420\n\t" // SETP [X0]!, X1!, X2
			 ".inst 0x19c24420\n\t" // SETM
			 ".inst 0x19c28420\n\t" // SETE
			 :
			 : "r"(destination), "r"(size), "r"(value)
			 : "x0", "x1", "x2", "cc", "memory");
	tap_ok(block[0] == 0x5a && block[sizeof(block) - 1] == 0x5a,
	       "the instructions of FEAT_MOPS are not trapped");
}

static void el2_state(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const uint64_t virtual_count = cntvct_el0();
	const uint64_t physical_count = cntpct_el0();

	(void)arg0;
	tap_ok(vmbase_el2_is_below(), "the VMM entered at EL2");
	tap_ok(physical_count - virtual_count < cntfrq_el0(), "virtual time is physical time");
	tap_ok(midr_el1() == arg1 && mpidr_el1() == arg2, "MIDR_EL1 and MPIDR_EL1 have the values of the CPU");
	tap_ok(PMCR_N(pmcr_el0()) == EVENT_COUNTERS(arg3), "EL1 has all event counters");
	(void)mdscr_el1();
	(void)cntp_ctl_el0();
	(void)actlr_el1();
	tap_ok(true, "debug registers, the physical timer and ACTLR_EL1 are not trapped");
	const uint64_t isar1 = id_aa64isar1_el1();

	if (FIELD(isar1, ID_AA64ISAR1_APA_SHIFT) != 0 || FIELD(isar1, ID_AA64ISAR1_API_SHIFT) != 0) {
		authenticate_pointers();
		tap_ok(true, "pointer authentication is not trapped");
	}
	if (FIELD(id_aa64pfr0_el1(), ID_AA64PFR0_GIC_SHIFT) != 0) {
		(void)icc_pmr_el1();
		tap_ok((icc_sre_el1() & 1) == 1, "the GIC's system registers are enabled and not trapped");
	}
	use_vectors(arg3);
	if (FIELD(id_aa64pfr1_el1(), ID_AA64PFR1_MTE_SHIFT) >= 2) {
		(void)gcr_el1();
		tap_ok(true, "the registers of FEAT_MTE2 are not trapped");
	}
	if (FIELD(id_aa64pfr0_el1(), ID_AA64PFR0_CSV2_SHIFT) >= 2) {
		(void)scxtnum_el1();
		tap_ok(true, "SCXTNUM_EL1 is not trapped");
	}
	if (FIELD(id_aa64isar2_el1(), ID_AA64ISAR2_MOPS_SHIFT) != 0) {
		set_memory();
	}
	if (FIELD(id_aa64mmfr3_el1(), ID_AA64MMFR3_TCRX_SHIFT) != 0) {
		tap_ok(tcr2_el1() == 0, "TCR2_EL1 is 0");
	}
	if (FIELD(id_aa64mmfr3_el1(), ID_AA64MMFR3_SCTLRX_SHIFT) != 0) {
		tap_ok(sctlr2_el1() == 0, "SCTLR2_EL1 is 0");
	}
	tap_done();
}

VMBASE_MAIN(el2_state);
