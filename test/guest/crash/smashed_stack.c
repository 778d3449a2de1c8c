// SPDX-License-Identifier: Apache-2.0

// A write past the end of an array on the stack.

#include "crash.h"

#include <string.h>

static volatile size_t too_many = 64;

__attribute__((noinline)) static void crash(void)
{
	char buffer[16];

	memset(buffer, 'x', too_many);
	__asm__ volatile("" : : "r"(buffer) : "memory");
}

CRASH(crash);
