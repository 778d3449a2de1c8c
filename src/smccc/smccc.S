// SPDX-License-Identifier: Apache-2.0

#include "../arch/asm.h"

// uint64_t vmb_hvc(uint64_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3)
// In: x0 function ID, x1-x3 arguments. Out: x0 result. Clobbers: x1-x3, and x4-x17 before SMCCC 1.1
// (DEN 0028, issue E: Register use in AArch64 SMC and HVC calls), all of which a C caller expects. Stack: none.
func vmb_hvc
	hvc	#0
	ret
endfunc vmb_hvc
