// SPDX-License-Identifier: Apache-2.0

// A block is freed twice.

#include "crash.h"

#include <vmbase/heap.h>

#include <stdlib.h>

VMBASE_HEAP(65536);

static void crash(void)
{
	void *volatile block = malloc(10);

	free(block);
	free(block);
}

CRASH(crash);
