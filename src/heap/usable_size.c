// SPDX-License-Identifier: Apache-2.0

// malloc_usable_size().

#include "heap_state.h"

#include <malloc.h>

size_t malloc_usable_size(void *ptr)
{
	struct heap *heap = the_heap();
	const uintptr_t block = (uintptr_t)ptr;

	if (block == 0) {
		return 0;
	}
	const uint32_t key = take_or_wait(heap);

	if (key == 0) {
		return 0;
	}
	const struct heap_range *range = vmb_heap_range_of(block);
	const uint64_t header = range != NULL ? header_of(block) : 0;

	if (range == NULL || !is_used(header, tag_of(block, key))) {
		vmb_heap_fault(block, range != NULL ? range->begin : 0, key, VMBASE_HEAP_FOREIGN_POINTER);
		return 0;
	}
	put(heap, key);
	return content_of(header) - HEADER_SIZE;
}
