// SPDX-License-Identifier: Apache-2.0

// A handler takes an exception, whose handler takes an exception, and so on.

#include "crash.h"

#include <vmbase/exceptions.h>

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	(void)frame;
	__asm__ volatile("svc #0");
}

static void crash(void)
{
	__asm__ volatile("svc #0");
}

CRASH(crash);
