// SPDX-License-Identifier: Apache-2.0

// quick_exit() runs only the functions given to at_quick_exit().

#include "steps.h"

#include <vmbase/main.h>

static void quick(void)
{
	vmbase_println("quick");
}

static void guest(void)
{
	register_exits();
	vmbase_println("main");
	if (at_quick_exit(quick) == 0) {
		quick_exit(EXIT_SUCCESS);
	}
}

VMBASE_MAIN(guest);
