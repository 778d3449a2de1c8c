// SPDX-License-Identifier: Apache-2.0

// A write past the end of a heap block.

#include "crash.h"

#include <vmbase/heap.h>

#include <stdlib.h>
#include <string.h>

VMBASE_HEAP(65536);

static void crash(void)
{
	char *volatile block = malloc(5);

	strcpy(block, "12345"); // the NUL is the sixth byte
	free(block);
}

CRASH(crash);
