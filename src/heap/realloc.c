// SPDX-License-Identifier: Apache-2.0

// realloc().

#include "bins.h"

#include <stdlib.h>

enum growth { GROWN, NO_ROOM, DAMAGED };

// Takes the needed part of the free block that follows a block in use. Changes nothing unless it returns GROWN.
static enum growth grow(struct heap *heap, uintptr_t block, uint32_t old, uint32_t content, uint32_t key)
{
	const uintptr_t next = next_block(block, old);
	const uint64_t header = header_of(next);
	const uint32_t whole = CONTENT_GRANULES(old) + GRANULE + content_of(header);

	if ((header & CONTENT_FREE) == 0) {
		return NO_ROOM;
	}
	if (!is_free(header, tag_of(next, key))) {
		return DAMAGED;
	}
	if (CONTENT_GRANULES(whole) < CONTENT_GRANULES(content)) {
		return NO_ROOM;
	}
	if (!unlink_block(heap, next, content_of(header))) {
		return DAMAGED;
	}
	// Invalidates the header that is now inside of a block.
	*word_at(next - HEADER_SIZE) = 0;
	if (CONTENT_GRANULES(whole) > CONTENT_GRANULES(content)) {
		const uintptr_t rest = next_block(block, content);
		const uint32_t rest_content = whole - CONTENT_GRANULES(content) - GRANULE;

		insert(heap, rest, next_block(rest, rest_content), rest_content,
		       free_header(rest_content, tag_of(rest, key)));
	}
	return GROWN;
}

static void *move(void *pointer, size_t old_size, size_t size)
{
	void *moved = malloc(size);

	if (moved != NULL) {
		vmb_heap.moves++;
		memcpy(moved, pointer, old_size);
		free(pointer);
	}
	return moved;
}

void *realloc(void *ptr, size_t size)
{
	struct heap *heap = the_heap();
	const uintptr_t block = (uintptr_t)ptr;

	if (block == 0) {
		void *first = malloc(size);

		heap->first_reallocs += first != NULL;
		return first;
	}
	const uint32_t key = take_or_wait(heap);

	if (key == 0) {
		return vmb_heap_fail(0);
	}
	const struct heap_range *range = vmb_heap_range_of(block);

	if (range == NULL) {
		return vmb_heap_fault(block, 0, key, VMBASE_HEAP_FOREIGN_POINTER);
	}
	const uint64_t header = header_of(block);
	const uint32_t old = content_of(header);

	if (!is_used(header, tag_of(block, key))) {
		return vmb_heap_fault(block, range->begin, key, VMBASE_HEAP_FOREIGN_POINTER);
	}
	const uintptr_t next = next_block(block, old);

	if (!has_canaries(block, old, next, *word_at(next - END_DISTANCE))) {
		return vmb_heap_fault(block, block + old - HEADER_SIZE, key, VMBASE_HEAP_OVERRUN);
	}
	if (size > REQUEST_MAX) {
		return vmb_heap_fail(key);
	}
	const uint32_t content = (uint32_t)size + HEADER_SIZE;

	if (CONTENT_GRANULES(content) > CONTENT_GRANULES(old)) {
		switch (grow(heap, block, old, content, key)) {
		case GROWN:
			break;
		case NO_ROOM:
			put(heap, key);
			return move(ptr, old - HEADER_SIZE, size);
		case DAMAGED:
			return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
		}
	}
	heap->reallocs++;
	vmb_heap_shrink(block, old, content, key);
	return ptr;
}
