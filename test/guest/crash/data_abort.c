// SPDX-License-Identifier: Apache-2.0

// A write to an unmapped address, in a function that another one calls.

#include "crash.h"

__attribute__((noinline)) static void innermost(volatile uint32_t *address)
{
	*address = 1;
	__asm__ volatile("");
}

__attribute__((noinline)) static void crash(void)
{
	innermost((volatile uint32_t *)0x123456780);
	__asm__ volatile(""); // no tail call: the backtrace shows this function
}

CRASH(crash);
