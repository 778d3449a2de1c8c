// SPDX-License-Identifier: Apache-2.0

// Endless recursion overflows the main stack.

#include "crash.h"

__attribute__((noinline)) static int recurse(int depth)
{
	volatile char frame[256] = { 0 };

	return depth == 0 ? 0 : recurse(depth + 1) + frame[0];
}

static void crash(void)
{
	recurse(1);
}

CRASH(crash);
