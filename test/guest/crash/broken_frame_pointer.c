// SPDX-License-Identifier: Apache-2.0

// An invalid frame pointer, and a record that points to itself, must not stop the report.

#include "crash.h"

static void crash(void)
{
	__asm__ volatile("mov x29, #0x1230\n\t"
			 "brk #1");
}

CRASH(crash);
