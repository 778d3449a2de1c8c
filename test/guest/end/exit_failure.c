// SPDX-License-Identifier: Apache-2.0

// exit() with another status than 0 resets, in the end.

#include "steps.h"

#include <vmbase/main.h>

static void guest(void)
{
	register_exits();
	exit(3);
}

VMBASE_MAIN(guest);
