// SPDX-License-Identifier: Apache-2.0

// A write to a freed block changes a link of the heap.

#include "crash.h"

#include <vmbase/heap.h>

#include <stdlib.h>
#include <string.h>

VMBASE_HEAP(65536);

static void crash(void)
{
	char *volatile block = malloc(100);

	free(malloc(1)); // the freed block must not merge with the rest of the heap
	char *volatile wall = malloc(1);

	free(block);
	memset(block, 0, 8);
	vmbase_println("%s", malloc(100) == wall ? "wall" : "a block");
}

CRASH(crash);
