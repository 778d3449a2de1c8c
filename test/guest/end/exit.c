// SPDX-License-Identifier: Apache-2.0

// exit(0) runs the functions given to atexit() and the destructors, and powers off.

#include "steps.h"

#include <vmbase/main.h>

static void guest(void)
{
	register_exits();
	vmbase_println("main");
	exit(EXIT_SUCCESS);
}

VMBASE_MAIN(guest);
