// SPDX-License-Identifier: Apache-2.0

// The tracker keeps the guard pages of the static map.

#include "../support/machine.h"
#include "crash.h"

#include <vmbase/tracker.h>

VMBASE_TABLE_POOL(tables, 16);

__attribute__((noinline)) static int recurse(int depth)
{
	volatile char frame[256] = { 0 };

	return depth == 0 ? 0 : recurse(depth + 1) + frame[0];
}

static void crash(void)
{
	if (vmbase_tracker_start(machine.ram, &tables) == VMBASE_OK) {
		vmbase_println("the tracker is started");
		recurse(1);
	}
}

CRASH(crash);
