// SPDX-License-Identifier: Apache-2.0

#include "crash.h"

static void crash(void)
{
	__builtin_unreachable();
}

CRASH(crash);
