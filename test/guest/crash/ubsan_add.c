// SPDX-License-Identifier: Apache-2.0

// The overflow of an addition, which the sanitizer traps.

#include "crash.h"

static volatile int largest = INT32_MAX;

static void crash(void)
{
	largest = largest + 1;
}

CRASH(crash);
