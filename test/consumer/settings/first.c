// SPDX-License-Identifier: Apache-2.0

// The main function of a guest in two files.

#include "second.h"

#include <vmbase/console.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>

#include <limits.h>

// Volatile, so that the compiler does not know the value.
static volatile int largest = INT_MAX;

static struct vmbase_range ram, console;

// Runs after the boot, however much the compiler knows.
__attribute__((constructor)) static void find(void)
{
	ram = vmbase_layout_ram();
	console = vmbase_layout_console();
}

static void guest(void)
{
	if (ram.begin != vmbase_layout_ram().begin || console.begin != vmbase_layout_console().begin) {
		vmbase_println("a constructor has found another machine");
	}
	vmbase_println("%s", greeting());
#ifdef OVERFLOW
	largest = largest + 1;
	vmbase_println("not trapped");
#else
	vmbase_println("%d", largest);
#endif
}

VMBASE_MAIN(guest);
