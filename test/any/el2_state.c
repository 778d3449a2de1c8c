// SPDX-License-Identifier: Apache-2.0

// Whether EL1 is as in a VM that begins there, whatever el2_dirt.S has left at EL2. What is still trapped halts
// the CPU.

#include "../qemu/tap.h"

#include <vmbase/el2.h>
#include <vmbase/main.h>

// A function that reads a register.
#define REGISTER(name, assembler_name)                                                                         \
	static uint64_t name(void)                                                                             \
	{                                                                                                      \
		uint64_t value;                                                                                \
                                                                                                               \
		__asm__ volatile("isb\n\tmrs %0, " assembler_name : "=r"(value) : : "memory");                 \
		return value;                                                                                  \
	}

REGISTER(actlr_el1, "actlr_el1")
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

static void el2_state(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const uint64_t virtual_count = cntvct_el0();
	const uint64_t physical_count = cntpct_el0();

	(void)arg0;
	tap_ok(vmbase_el2_is_below(), "the VMM entered at EL2");
	tap_ok(physical_count - virtual_count < cntfrq_el0(), "virtual time is physical time");
	tap_ok(midr_el1() == arg1 && mpidr_el1() == arg2, "EL1 knows which CPU it is on");
	tap_ok(PMCR_N(pmcr_el0()) == arg3, "all event counters are EL1's");
	(void)mdscr_el1();
	(void)cntp_ctl_el0();
	(void)actlr_el1();
	tap_ok(true, "debug registers, the physical timer and ACTLR_EL1 are not trapped");
	const uint64_t isar1 = id_aa64isar1_el1();

	if (FIELD(isar1, ID_AA64ISAR1_APA_SHIFT) != 0 || FIELD(isar1, ID_AA64ISAR1_API_SHIFT) != 0) {
		authenticate_pointers();
		tap_ok(true, "nor is pointer authentication");
	}
	if (FIELD(id_aa64pfr0_el1(), ID_AA64PFR0_GIC_SHIFT) != 0) {
		(void)icc_pmr_el1();
		tap_ok((icc_sre_el1() & 1) == 1, "the GIC's system registers are there, and not trapped");
	}
	tap_done();
}

VMBASE_MAIN(el2_state);
