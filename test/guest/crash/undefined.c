// SPDX-License-Identifier: Apache-2.0

// An undefined instruction.

#include "crash.h"

static void crash(void)
{
	__asm__ volatile("udf #0");
}

CRASH(crash);
