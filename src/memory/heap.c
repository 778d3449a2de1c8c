// SPDX-License-Identifier: Apache-2.0

// malloc() and free(). What happens seldom is left to functions that they end with, so that neither needs a
// stack frame, and a fault is reported with the address that the caller's call returns to.

#include "heap.h"

#include <stdlib.h>

struct heap vmb_heap;

__attribute__((noinline)) static void *allocate_when_taken(size_t size)
{
	const uint32_t key = vmb_heap_take_slowly();

	return key == 0 ? vmb_heap_fail(0) : vmb_heap_allocate(size, key, key, the_heap());
}

// Gives out the end of a free block, up to `next`. What is left of it is another one already.
ALWAYS_INLINE void *give(struct heap *heap, uintptr_t block, uintptr_t next, uint32_t content, uint32_t key,
			 uint32_t key_after)
{
	set_canaries(next);
	set_used(block, content, tag_of(block, key));
	count_allocation(heap, content);
	put(heap, key_after);
	return word_at(block);
}

// Gives out the end of the first block of an exact bin: what is left goes into another exact bin.
ALWAYS_INLINE void *allocate_from_exact(struct heap *heap, size_t bin, uintptr_t block, uint32_t content,
					uint32_t key, uint32_t key_after)
{
	const uint32_t tag = tag_of(block, key);
	const size_t rest_granules = bin - content / GRANULE;
	const uintptr_t next = block + (bin + 1) * GRANULE;

	if (!is_free(header_of(block), tag) || !pop(heap, bin, &heap->map[0], block)) {
		return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
	}
	if (rest_granules > 0) {
		push(heap, rest_granules - 1, &heap->map[0], block);
		set_free(block, block + rest_granules * GRANULE, (uint32_t)(rest_granules - 1) * GRANULE, tag);
		block += rest_granules * GRANULE;
	}
	return give(heap, block, next, content, key, key_after);
}

// Gives out the end of a block of a bin that has several sizes: what is left often stays in its bin.
ALWAYS_INLINE void *allocate_from_large(struct heap *heap, size_t bin, uintptr_t block, uint32_t content,
					uint32_t key, uint32_t key_after)
{
	const uint32_t tag = tag_of(block, key);
	const struct heap_header header = header_of(block);
	const uint32_t whole = header.content & ~CONTENT_FREE;
	const uintptr_t next = next_block(block, whole);
	// Where the block is just large enough, this wraps around to what no block has.
	const uint32_t rest = whole - CONTENT_GRANULES(content) - GRANULE;

	if (!is_free(header, tag)) {
		return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_HEADER);
	}
	if (rest < EXACT_LIMIT || rest >= CONTENT_FREE || large_bin_of(rest) != bin) {
		if (!unlink_from(heap, bin, &heap->map[bin / MAP_BITS], block)) {
			return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
		}
		if (rest >= CONTENT_FREE) {
			return give(heap, block, next, content, key, key_after);
		}
		insert(heap, block, rest);
	}
	set_free(block, next_block(block, rest), rest, tag);
	return give(heap, next_block(block, rest), next, content, key, key_after);
}

static inline bool is_enough(uintptr_t block, uint32_t content)
{
	return (header_of(block).content & ~CONTENT_FREE) >= CONTENT_GRANULES(content);
}

// What no bin above its own has may be behind the first block there, which was too small.
__attribute__((noinline)) static void *allocate_from_last(size_t size, uint32_t key, uint32_t key_after,
							  struct heap *heap)
{
	const uint32_t content = (uint32_t)size + HEADER_SIZE;

	if (content >= EXACT_LIMIT) {
		const size_t bin = large_bin_of(content);
		uintptr_t block = heap->bins[bin];

		for (int i = 0; i < PROBES && block != 0; i++) {
			const uintptr_t next = decode(heap, node_at(block)->next);

			if (is_enough(block, content) || !is_free(header_of(block), tag_of(block, key))) {
				return allocate_from_large(heap, bin, block, content, key, key_after);
			}
			if (!can_be_address(heap, next)) {
				return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
			}
			block = next;
		}
	}
	return vmb_heap_fail(key);
}

void *vmb_heap_allocate(size_t size, uint32_t key, uint32_t key_after, struct heap *heap)
{
	const uint32_t content = (uint32_t)size + HEADER_SIZE;
	size_t bin = MAP_BITS;

	if (size < EXACT_LIMIT - HEADER_SIZE) {
		const uint64_t bits = heap->map[0] >> content / GRANULE;

		if (bits != 0) {
			bin = content / GRANULE + (size_t)__builtin_ctzll(bits);
			return allocate_from_exact(heap, bin, heap->bins[bin], content, key, key_after);
		}
	} else {
		if (size > REQUEST_MAX) {
			return vmb_heap_fail(key);
		}
		// Some blocks of its own bin may be too small; no block of a higher one is.
		bin = large_bin_of(content);
		const uintptr_t block = heap->bins[bin];

		if (block != 0 &&
		    (is_enough(block, content) || !is_free(header_of(block), tag_of(block, key)))) {
			return allocate_from_large(heap, bin, block, content, key, key_after);
		}
		bin++;
	}
	size_t word = bin / MAP_BITS;
	uint64_t bits = heap->map[word] >> bin % MAP_BITS << bin % MAP_BITS;

	while (bits == 0) {
		if (++word == MAP_WORDS) {
			return allocate_from_last(size, key, key_after, heap);
		}
		bits = heap->map[word];
	}
	bin = word * MAP_BITS + (size_t)__builtin_ctzll(bits);
	return allocate_from_large(heap, bin, heap->bins[bin], content, key, key_after);
}

void *malloc(size_t size)
{
	struct heap *heap = the_heap();
	const uint32_t key = take(heap);

	if (key == 0) {
		return allocate_when_taken(size);
	}
	if (size < EXACT_LIMIT - HEADER_SIZE) {
		const uint32_t content = (uint32_t)size + HEADER_SIZE;
		const uintptr_t block = heap->bins[content / GRANULE];

		if (block != 0) {
			return allocate_from_exact(heap, content / GRANULE, block, content, key, key);
		}
	}
	return vmb_heap_allocate(size, key, key, heap);
}

ALWAYS_INLINE void make_free(struct heap *heap, uintptr_t block, uintptr_t next, uint32_t content,
			     uint32_t freed, uint32_t key, uint32_t key_after)
{
	set_free(block, next, content, tag_of(block, key));
	insert(heap, block, content);
	heap->headroom += freed;
	put(heap, key_after);
}

// Frees a block of which one neighbour or both are free, so that they become one block.
__attribute__((noinline)) static void merge(uintptr_t block, uint32_t key, uint32_t freed, uint32_t key_after,
					    struct heap *heap)
{
	const uint64_t before = *word_at(block - END_DISTANCE);
	const uintptr_t middle = next_block(block, freed);
	const struct heap_header next_header = header_of(middle);
	const uint32_t next_content = next_header.content & ~CONTENT_FREE;
	const bool next_is_free = next_content != next_header.content;
	uint32_t content = freed;

	if (next_is_free) {
		if (!is_free(next_header, tag_of(middle, key)) || !unlink_block(heap, middle, next_content)) {
			vmb_heap_fault(middle, middle, key, VMBASE_HEAP_CORRUPT_LINK);
			return;
		}
		content = CONTENT_GRANULES(content) + GRANULE + next_content;
	}
	const uintptr_t next = next_block(block, content);

	if (before >> 63 == 0) {
		const uintptr_t previous = block - CONTENT_GRANULES(before) - GRANULE;

		if (before >= block - heap->recent.begin ||
		    !is_free(header_of(previous), tag_of(previous, key)) ||
		    header_of(previous).content != ((uint32_t)before | CONTENT_FREE) ||
		    !unlink_block(heap, previous, (uint32_t)before)) {
			if (next_is_free) {
				insert(heap, middle, next_content);
			}
			vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
			return;
		}
		// What is inside of a block now does not pass for one any more.
		set_header(block, 0, 0);
		content += CONTENT_GRANULES((uint32_t)before) + GRANULE;
		block = previous;
	}
	make_free(heap, block, next, content, freed, key, key_after);
}

// Frees a block that is in the recent range.
ALWAYS_INLINE void release(struct heap *heap, uintptr_t block, uint32_t key, uint32_t key_after)
{
	const struct heap_header header = header_of(block);
	const uintptr_t next = next_block(block, header.content);

	if (!is_used(header, tag_of(block, key))) {
		vmb_heap_fault(block, block, key, VMBASE_HEAP_FOREIGN_POINTER);
		return;
	}
	if (!has_canaries(block, header.content, next)) {
		vmb_heap_fault(block, block, key, VMBASE_HEAP_OVERRUN);
		return;
	}
	if ((header_of(next).content & CONTENT_FREE) != 0 || *word_at(block - END_DISTANCE) >> 63 == 0) {
		merge(block, key, header.content, key_after, heap);
		return;
	}
	make_free(heap, block, next, header.content, header.content, key, key_after);
}

void vmb_heap_release(uintptr_t block, uint32_t key, uint32_t key_after)
{
	struct heap *heap = the_heap();
	const struct heap_range *range = vmb_heap_range_of(block);

	if (range == NULL) {
		vmb_heap_fault(block, 0, key, VMBASE_HEAP_FOREIGN_POINTER);
		return;
	}
	heap->recent = *range;
	release(heap, block, key, key_after);
}

// What is not in the range that the last pointer was in: a null pointer, often.
__attribute__((noinline)) static void free_elsewhere(uintptr_t block, uint32_t key)
{
	if (block == 0) {
		put(the_heap(), key);
		return;
	}
	vmb_heap_release(block, key, key);
}

__attribute__((noinline)) static void free_when_taken(uintptr_t block)
{
	if (block == 0) {
		return;
	}
	uint32_t key = vmb_heap_take_slowly();

	if (key == 0) {
		vmb_heap_fault(block, 0, 0, VMBASE_HEAP_BUSY);
		return;
	}
	vmb_heap_release(block, key, key);
}

void free(void *ptr)
{
	struct heap *heap = the_heap();
	const uint32_t key = take(heap);
	const uintptr_t block = (uintptr_t)ptr;

	if (key == 0) {
		free_when_taken(block);
		return;
	}
	if (block - heap->recent.begin >= heap->recent.size_bytes) {
		free_elsewhere(block, key);
		return;
	}
	release(heap, block, key, key);
}
