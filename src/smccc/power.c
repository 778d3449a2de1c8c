// SPDX-License-Identifier: Apache-2.0

// Powers the VM off or resets it, and never returns.

#include <vmbase/power.h>
#include <vmbase/psci.h>
#include <vmbase/smccc.h>

#include "../arch/halt.h"

void vmbase_shutdown(void)
{
	(void)vmbase_smccc_call(VMBASE_PSCI_SYSTEM_OFF, 0, 0, 0);
	vmb_halt();
}

void vmbase_reboot(void)
{
	(void)vmbase_smccc_call(VMBASE_PSCI_SYSTEM_RESET, 0, 0, 0);
	vmb_halt();
}
