// SPDX-License-Identifier: Apache-2.0

// A frame pointer that leads nowhere, and a record that leads to itself, must not stop the report.

#include "crash.h"

static void crash(void)
{
	__asm__ volatile("mov x29, #0x1230\n\t"
			 "brk #1");
}

CRASH(crash);
