// SPDX-License-Identifier: Apache-2.0

// A panic with more arguments than argument registers.

#include "crash.h"

#include <vmbase/panic.h>

static void crash(void)
{
	vmbase_panic("%d %d %d %d %s %d %d %d %#llx", 1, 2, 3, 4, "five", 6, 7, 8, 0x123456789abcdefULL);
}

CRASH(crash);
