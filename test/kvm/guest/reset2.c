// SPDX-License-Identifier: Apache-2.0

// Resets by SYSTEM_RESET2, where the hypervisor says that it has it.

#include <vmbase/console.h>
#include <vmbase/main.h>
#include <vmbase/psci.h>

static void reset2(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	uint32_t flags;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	if (vmbase_psci_features(VMBASE_PSCI_SYSTEM_RESET2, &flags) != VMBASE_OK) {
		vmbase_println("there is no SYSTEM_RESET2");
		return;
	}
	vmbase_println("resetting");
	vmbase_println("still here: %s",
		       vmbase_error_name(vmbase_psci_system_reset2(VMBASE_PSCI_SYSTEM_WARM_RESET, 0)));
}

VMBASE_MAIN(reset2);
