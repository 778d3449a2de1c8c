// SPDX-License-Identifier: Apache-2.0

// A guest that describes its own machine: its MEMORY, its map and its console.

#include <vmbase/console.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>

VMBASE_CONSOLE_PL011(0x09000000);

// Volatile, so that the compiler does not know the values.
static volatile int initialised = 1;
static volatile int zeroed;

static void custom(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_println("1..2");
	vmbase_println("%sok 1 - variables have their initial values",
		       initialised == 1 && zeroed == 0 ? "" : "not ");
	vmbase_println("%sok 2 - no RAM is known that nobody has named",
		       vmbase_layout_ram().begin == vmbase_layout_ram().end ? "" : "not ");
}

VMBASE_MAIN(custom);
