// SPDX-License-Identifier: Apache-2.0

// Unreachable code that is reached, which the sanitizer traps.

#include "crash.h"

static void crash(void)
{
	__builtin_unreachable();
}

CRASH(crash);
