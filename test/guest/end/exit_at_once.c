// SPDX-License-Identifier: Apache-2.0

// _Exit() runs no function of the program.

#include "steps.h"

#include <vmbase/main.h>

static void guest(void)
{
	register_exits();
	vmbase_println("main");
	_Exit(EXIT_SUCCESS);
}

VMBASE_MAIN(guest);
