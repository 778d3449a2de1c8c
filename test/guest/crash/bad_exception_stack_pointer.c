// SPDX-License-Identifier: Apache-2.0

// SP_EL1 is invalid when the exception is taken.

#include "crash.h"

static void crash(void)
{
	__asm__ volatile("msr spsel, #1\n\t"
			 "mov x9, #0x1000\n\t"
			 "mov sp, x9\n\t"
			 "msr spsel, #0\n\t"
			 "mov x0, #0x1111\n\t"
			 "mov x1, #0x2222\n\t"
			 "svc #0"
			 :
			 :
			 : "x0", "x1", "x9");
}

CRASH(crash);
