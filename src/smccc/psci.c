// SPDX-License-Identifier: Apache-2.0

#include <vmbase/power.h>

#include "../boot/boot.h"
#include "smccc.h"

void vmbase_shutdown(void)
{
	vmb_hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
	vmb_halt();
}

void vmbase_reboot(void)
{
	vmb_hvc(PSCI_SYSTEM_RESET, 0, 0, 0);
	vmb_halt();
}
