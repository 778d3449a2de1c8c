// SPDX-License-Identifier: Apache-2.0

// A guest that gives all free RAM to its heap with one call.

#include "../support/tap.h"

#include <vmbase/heap.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>
#include <vmbase/panic.h>
#include <vmbase/ram.h>

#include <stdlib.h>
#include <string.h>

#define MIB UINT64_C(0x100000)

// The compiler assumes that malloc() succeeds if the memory is not used.
static void *allocate(size_t size_bytes)
{
	void *pointer = malloc(size_bytes);

	__asm__ volatile("" : "+r"(pointer) : : "memory");
	return pointer;
}

static uint64_t free_bytes(void)
{
	struct vmbase_range range = { 0, 0 };
	uint64_t total = 0;

	while (vmbase_ram_next_free(range.end, &range) == VMBASE_OK) {
		total += range.end - range.begin;
		// Page 0 stays unmapped.
		if (range.begin == 0) {
			total -= VMBASE_PAGE_SIZE;
		}
	}
	return total;
}

// Returns whether the first and the last MiB of a block can be written.
static bool can_be_written(unsigned char *block, size_t size_bytes)
{
	memset(block, 0x5a, MIB);
	memset(block + size_bytes - MIB, 0xa5, MIB);
	return block[0] == 0x5a && block[MIB - 1] == 0x5a && block[size_bytes - 1] == 0xa5;
}

static void ram_heap(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	const struct vmbase_range tree = vmbase_layout_dtb();
	const uint64_t expected = free_bytes();
	struct vmbase_heap_statistics statistics = { 0 };
	uint32_t tree_word = 0;

	memcpy(&tree_word, (const void *)tree.begin, sizeof(tree_word));
	tap_ok(allocate(1) == NULL, "there is no heap at first");
	tap_ok(vmbase_ram_give_to_heap() == VMBASE_OK, "free RAM becomes heap");
	tap_ok(vmbase_heap_statistics(&statistics) == VMBASE_OK && statistics.size_bytes == expected,
	       "the heap has all pages of free RAM");
	vmbase_println("# %zu MiB, the largest block %zu MiB", statistics.size_bytes / (size_t)MIB,
		       statistics.largest_free_bytes / (size_t)MIB);
	unsigned char *block = allocate(statistics.largest_free_bytes);

	tap_ok(block != NULL && can_be_written(block, statistics.largest_free_bytes),
	       "the largest block can be written");
	free(block);
	tap_ok(vmbase_heap_check() == VMBASE_OK, "the heap check finds no damage");
	tap_ok(memcmp(&tree_word, (const void *)tree.begin, sizeof(tree_word)) == 0,
	       "the device tree is unchanged");
	tap_ok(vmbase_ram_give_to_heap() == VMBASE_ERROR_NOT_FOUND, "a second call finds no more RAM");
	// Without a console, only this assertion shows an error.
	vmbase_assert(statistics.size_bytes == expected && expected > 8 * MIB);
	tap_done();
}

VMBASE_MAIN(ram_heap);
