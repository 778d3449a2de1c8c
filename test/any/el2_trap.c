// SPDX-License-Identifier: Apache-2.0

// Executes an instruction of SVE, which stays trapped at EL2, where nothing answers.

#include <vmbase/main.h>

#define CPACR_EL1_ZEN_FPEN_NONE_TRAPPED (UINT64_C(3) << 16 | UINT64_C(3) << 20)

static void el2_trap(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	__asm__ volatile("msr cpacr_el1, %0\n\t"
			 "isb\n\t"
			 ".inst 0x04bf5020" // RDVL x0, #1
			 :
			 : "r"(CPACR_EL1_ZEN_FPEN_NONE_TRAPPED)
			 : "x0");
}

VMBASE_MAIN(el2_trap);
