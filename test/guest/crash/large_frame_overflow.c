// SPDX-License-Identifier: Apache-2.0

// A frame larger than stack and guard together, written at its lower end.

#include "crash.h"

__attribute__((noinline)) static void crash(void)
{
	volatile char frame[4 << 20];

	__asm__ volatile("" : : "r"(frame) : "memory"); // the whole array is needed
	frame[0] = 1;
}

CRASH(crash);
