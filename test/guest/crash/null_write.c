// SPDX-License-Identifier: Apache-2.0

// A byte is written through a null pointer: crosvm has UARTs in the first page.

#include "crash.h"

static volatile char *volatile pointer;

static void crash(void)
{
	*pointer = 'x';
}

CRASH(crash);
