// SPDX-License-Identifier: Apache-2.0

// A write to what is mapped as read-only is not the tracker's business, but a bug.

#include "crash.h"

#include <vmbase/memory.h>

#define FREE_RAM UINT64_C(0x4a000000)

VMBASE_TABLE_POOL(tables, 16);

static void crash(void)
{
	const struct vmbase_range ram = { 0x40000000, 0x50000000 };
	const struct vmbase_range page = { FREE_RAM, FREE_RAM + VMBASE_PAGE_SIZE };

	if (vmbase_memory_take_over(ram, &tables) == VMBASE_OK &&
	    vmbase_memory_map(page, VMBASE_MEMORY_RODATA) == VMBASE_OK) {
		vmbase_println("mapped, 0x%02x", *(volatile unsigned char *)FREE_RAM);
		*(volatile unsigned char *)FREE_RAM = 1;
	}
}

CRASH(crash);
