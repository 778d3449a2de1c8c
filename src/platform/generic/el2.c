// SPDX-License-Identifier: Apache-2.0

// Calls to the code that stays at EL2 (<vmbase/el2.h>).

#include <vmbase/el2.h>
#include <vmbase/smccc.h>

#include "generic.h"

_Static_assert(VMBASE_EL2_CALL_ENTER == EL2_CALL_ENTER, "the vectors compare with it");

bool vmbase_el2_is_below(void)
{
	return vmb_generic_found()->at_el2;
}

enum vmbase_error vmbase_el2_enter(struct vmbase_phys entry, uint64_t arg0, uint64_t arg1, uint64_t arg2,
				   uint64_t arg3)
{
	struct vmbase_smccc_registers call = { .x = { VMBASE_EL2_CALL_ENTER, entry.address, arg0, arg1, arg2,
						      arg3 } };

	if (!vmb_generic_found()->at_el2) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	if (entry.address % sizeof(uint32_t) != 0) {
		return VMBASE_ERROR_INVALID_ADDRESS;
	}
	vmbase_smccc_hvc(&call);
	return VMBASE_ERROR_INTERNAL_FAILURE;
}
