// SPDX-License-Identifier: Apache-2.0

// A report that panics itself, for example because its stack is smashed, ends at once.

#include "crash.h"

#include <vmbase/exceptions.h>
#include <vmbase/panic.h>

// As in a report, the early vectors are already active when the panic begins.
static void crash(void)
{
	extern const char vmb_early_vectors[];

	__asm__ volatile("msr vbar_el1, %0\n\t"
			 "isb"
			 :
			 : "r"(vmb_early_vectors)
			 : "memory");
	vmbase_panic("a panic in a report");
}

CRASH(crash);
