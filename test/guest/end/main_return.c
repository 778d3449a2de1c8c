// SPDX-License-Identifier: Apache-2.0

// A main function that returns ends the program like exit(0).

#include "steps.h"

#include <vmbase/main.h>

static void guest(void)
{
	register_exits();
	vmbase_println("main");
}

VMBASE_MAIN(guest);
