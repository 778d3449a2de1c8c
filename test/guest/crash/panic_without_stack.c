// SPDX-License-Identifier: Apache-2.0

// A panic with 16 bytes of the main stack left and an invalid SP_EL1.

#include "crash.h"

#include <vmbase/layout.h>
#include <vmbase/panic.h>

static void crash(void)
{
	uintptr_t almost_no_stack = vmbase_layout_main_stack().begin + 16;

	__asm__ volatile("msr spsel, #1\n\t"
			 "mov x9, #0x1000\n\t"
			 "mov sp, x9\n\t"
			 "msr spsel, #0\n\t"
			 "mov sp, %0\n\t"
			 "mov x0, %1\n\t"
			 "mov x1, %2\n\t"
			 "bl vmbase_panic"
			 :
			 : "r"(almost_no_stack), "r"("no %s"), "r"("stack")
			 : "x0", "x1", "x9", "x30", "memory");
}

CRASH(crash);
