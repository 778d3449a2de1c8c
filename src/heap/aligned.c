// SPDX-License-Identifier: Apache-2.0

// aligned_alloc(): allocates more than needed, and frees what is before and after the aligned part.

#include "../base/align.h"
#include "heap_state.h"

#include <errno.h>
#include <stdlib.h>

// Frees the part of a new block that lies before `begin`, and keeps the key taken. Returns the content of the
// block that begins there.
static uint32_t free_front(struct heap *heap, uintptr_t block, uintptr_t begin, uint32_t content, uint32_t key)
{
	const uint32_t rest_content = content - (uint32_t)(begin - block);
	const uint32_t front_content = (uint32_t)(begin - block) - 1;

	set_canaries(begin);
	split_used(heap, content, block, front_content, begin, rest_content, key);
	vmb_heap_release(block, key, 0);
	return rest_content;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	struct heap *heap = the_heap();

	if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
		errno = EINVAL;
		return NULL;
	}
	if (alignment <= GRANULE) {
		void *pointer = malloc(size);

		heap->aligned_allocs += pointer != NULL;
		return pointer;
	}
	const uint32_t key = take_or_wait(heap);

	if (key == 0 || size > REQUEST_MAX || alignment - GRANULE > REQUEST_MAX - size) {
		return vmb_heap_fail(key);
	}
	// Blocks begin at multiples of GRANULE, so a block of this size contains an aligned address with enough
	// room.
	const size_t enough = size + alignment - GRANULE;
	const uintptr_t block = (uintptr_t)vmb_heap_allocate(enough, key, 0, heap);

	if (block == 0) {
		return NULL;
	}
	const uintptr_t begin = vmb_align_up(block, alignment);
	uint32_t content = (uint32_t)enough + HEADER_SIZE;

	heap->aligned_allocs++;
	if (begin != block) {
		content = free_front(heap, block, begin, content, key);
	}
	vmb_heap_shrink(begin, content, (uint32_t)size + HEADER_SIZE, key);
	return word_at(begin);
}
