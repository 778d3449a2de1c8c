// SPDX-License-Identifier: Apache-2.0

// A call of a null pointer. The caller has no frame record for it.

#include "crash.h"

static void (*volatile function)(void);

static void crash(void)
{
	function();
	__asm__ volatile(""); // no tail call
}

CRASH(crash);
