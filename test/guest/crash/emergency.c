// SPDX-License-Identifier: Apache-2.0

// vmbase_emergency_write_str() works with 64 bytes of stack left, and with UART and lock in any state.

#include "../support/machine.h"
#include "crash.h"

#include <vmbase/layout.h>
#include <vmbase/power.h>

static void crash(void)
{
	uintptr_t almost_no_stack = vmbase_layout_main_stack().begin + 64;

	machine_disturb_uart();
	__asm__ volatile("mov sp, %0\n\t"
			 "mov x0, %1\n\t"
			 "bl vmbase_emergency_write_str\n\t"
			 "bl vmbase_shutdown"
			 :
			 : "r"(almost_no_stack), "r"("emergency\n")
			 : "x0", "x30", "memory");
}

CRASH(crash);
