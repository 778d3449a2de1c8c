// SPDX-License-Identifier: Apache-2.0

// Shares what is not RAM, past the ledger that would have refused: the hypervisor's answer is an abort, and the
// crash report says where.

#include <vmbase/console.h>
#include <vmbase/hypervisor.h>
#include <vmbase/main.h>

#define NOT_RAM UINT64_C(0x10000000)

static void outside_ram(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_println("sharing what is not RAM");
	vmbase_println("the hypervisor said: %s",
		       vmbase_error_name(vmbase_hypervisor_share(vmbase_phys_at(NOT_RAM))));
}

VMBASE_MAIN(outside_ram);
