// SPDX-License-Identifier: Apache-2.0

// The text of an assertion is not used as a format. An assertion that holds has no effect.

#include "crash.h"

#include <vmbase/panic.h>

static volatile int seven = 7;

static void crash(void)
{
	vmbase_assert(seven++ == 7);
	vmbase_assert(seven == 8);
	vmbase_assert(seven % 3 == 1); // line 15
}

CRASH(crash);
