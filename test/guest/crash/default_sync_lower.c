// SPDX-License-Identifier: Apache-2.0

// EL0 cannot execute memory: the first instruction faults.

#include "crash.h"

static void crash(void)
{
	__asm__ volatile("adr x9, .\n\t"
			 "msr elr_el1, x9\n\t"
			 "msr spsr_el1, xzr\n\t" // EL0t
			 "eret"
			 :
			 :
			 : "x9", "memory");
}

CRASH(crash);
