// SPDX-License-Identifier: Apache-2.0

// A write to read-only memory is a bug of the guest. The tracker does not handle it.

#include "../support/machine.h"
#include "crash.h"

#include <vmbase/tracker.h>

VMBASE_TABLE_POOL(tables, 16);

static void crash(void)
{
	const uintptr_t address = machine.free_ram.begin;
	const struct vmbase_range page = { address, address + VMBASE_PAGE_SIZE };

	if (vmbase_tracker_start(machine.ram, &tables) == VMBASE_OK &&
	    vmbase_tracker_map(page, VMBASE_TRACKER_RODATA) == VMBASE_OK) {
		vmbase_println("mapped, 0x%02x", *(volatile unsigned char *)address);
		*(volatile unsigned char *)address = 1;
	}
}

CRASH(crash);
