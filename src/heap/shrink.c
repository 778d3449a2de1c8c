// SPDX-License-Identifier: Apache-2.0

// Makes a block in use smaller.

#include "heap_state.h"

// Splits a block in use and frees the second part, which has at least one granule.
static void split(struct heap *heap, uintptr_t block, uint32_t old, uint32_t content, uint32_t key)
{
	const uintptr_t rest = next_block(block, content);
	// The last byte is a canary since the whole block was given out.
	const uint32_t rest_content = (uint32_t)(next_block(block, old) - rest) - 1;

	split_used(heap, old, block, content, rest, rest_content, key);
	vmb_heap_release(rest, key, key);
}

void vmb_heap_shrink(uintptr_t block, uint32_t old, uint32_t content, uint32_t key)
{
	struct heap *heap = the_heap();
	const uintptr_t end = block + content - HEADER_SIZE;

	memset(word_at(end), (int)(CANARY & UCHAR_MAX), next_block(block, content) - HEADER_SIZE - end);
	if (CONTENT_GRANULES(content) < CONTENT_GRANULES(old)) {
		split(heap, block, old, content, key);
		return;
	}
	set_used(block, content, tag_of(block, key));
	heap->headroom += old;
	count_live(heap, content);
	put(heap, key);
}
