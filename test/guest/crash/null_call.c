// SPDX-License-Identifier: Apache-2.0

// A call of what is no function: it leaves no frame record of the caller.

#include "crash.h"

static void (*volatile function)(void);

static void crash(void)
{
	function();
	__asm__ volatile(""); // no tail call
}

CRASH(crash);
