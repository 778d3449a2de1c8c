// SPDX-License-Identifier: Apache-2.0

// An index out of bounds, which the sanitizer traps.

#include "crash.h"

static volatile int table[4];
static volatile int index = 4;

static void crash(void)
{
	table[index] = 1;
}

CRASH(crash);
