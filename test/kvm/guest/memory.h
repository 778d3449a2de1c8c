// SPDX-License-Identifier: Apache-2.0

// Memory for a pool: blocks out of a static region, in units of 4 KiB, first fit.

#ifndef MEMORY_H
#define MEMORY_H

#include <vmbase/sharing.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_UNIT ((size_t)4096)
#define MEMORY_UNITS 64

static struct {
	unsigned char bytes[MEMORY_UNITS][MEMORY_UNIT];
	size_t lengths[MEMORY_UNITS]; // of the block that begins here, in units
	bool taken[MEMORY_UNITS];
} memory __attribute__((aligned(65536)));

static bool memory_is_free(size_t first, size_t units)
{
	for (size_t i = first; i < first + units; i++) {
		if (memory.taken[i]) {
			return false;
		}
	}
	return true;
}

static void memory_mark(size_t first, size_t units, bool taken)
{
	for (size_t i = first; i < first + units; i++) {
		memory.taken[i] = taken;
	}
}

static void *memory_allocate(size_t alignment, size_t size_bytes, void *context)
{
	size_t units = (size_bytes + MEMORY_UNIT - 1) / MEMORY_UNIT;

	(void)context;
	for (size_t first = 0; first + units <= MEMORY_UNITS; first++) {
		if ((uintptr_t)memory.bytes[first] % alignment == 0 && memory_is_free(first, units)) {
			memory_mark(first, units, true);
			memory.lengths[first] = units;
			return memory.bytes[first];
		}
	}
	return NULL;
}

static void memory_release(void *block, void *context)
{
	size_t first = ((uintptr_t)block - (uintptr_t)memory.bytes) / MEMORY_UNIT;

	(void)context;
	memory_mark(first, memory.lengths[first], false);
}

static const struct vmbase_sharing_source memory_source = { .allocate = memory_allocate,
							    .free = memory_release };

#endif
