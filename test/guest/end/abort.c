// SPDX-License-Identifier: Apache-2.0

// abort() makes a crash report that begins with its caller.

#include "steps.h"

#include <vmbase/main.h>

static void guest(void)
{
	register_exits();
	vmbase_println("main");
	abort();
}

VMBASE_MAIN(guest);
