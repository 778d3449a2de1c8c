// SPDX-License-Identifier: Apache-2.0

// A handler that has used the exception stack up to the last 256 bytes can still report.

#include "crash.h"

#include <vmbase/exceptions.h>
#include <vmbase/layout.h>

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	uintptr_t little_stack = vmbase_layout_exception_stack().begin + 256;

	__asm__ volatile("mov sp, %0\n\t"
			 "mov x0, %1\n\t"
			 "mov x1, %2\n\t"
			 "bl vmbase_exception_report"
			 :
			 : "r"(little_stack), "r"("full"), "r"(frame)
			 : "x0", "x1", "x30", "memory");
}

static void crash(void)
{
	__asm__ volatile("svc #7");
}

CRASH(crash);
