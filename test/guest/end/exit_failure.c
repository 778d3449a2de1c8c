// SPDX-License-Identifier: Apache-2.0

// exit() with a status other than 0 resets.

#include "steps.h"

#include <vmbase/main.h>

static void guest(void)
{
	register_exits();
	exit(3);
}

VMBASE_MAIN(guest);
