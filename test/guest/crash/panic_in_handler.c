// SPDX-License-Identifier: Apache-2.0

// The backtrace goes through the exception to the code that it interrupted.

#include "crash.h"

#include <vmbase/exceptions.h>
#include <vmbase/panic.h>

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	vmbase_panic("a handler that cannot go on, esr %#llx", (unsigned long long)frame->esr);
}

static void crash(void)
{
	__asm__ volatile("svc #7");
}

CRASH(crash);
