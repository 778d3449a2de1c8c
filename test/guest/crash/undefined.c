// SPDX-License-Identifier: Apache-2.0

#include "crash.h"

static void crash(void)
{
	__asm__ volatile("udf #0");
}

CRASH(crash);
