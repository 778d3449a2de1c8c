// SPDX-License-Identifier: Apache-2.0

// malloc() and free(). Rare cases are in functions that malloc() and free() call last. So neither needs a stack
// frame, and a fault is reported with the return address of the caller's call.

#include "bins.h"

#include <stdlib.h>

// How many blocks of a bin with several sizes a call looks at before it fails.
#define PROBES 8

struct heap vmb_heap;

__attribute__((noinline)) static void *allocate_when_taken(size_t size)
{
	const uint32_t key = vmb_heap_take_slowly();

	return key == 0 ? vmb_heap_fail(0) : vmb_heap_allocate(size, key, key, the_heap());
}

// Gives out the end of a free block, up to `next`. The rest is a free block already.
ALWAYS_INLINE void *give(struct heap *heap, uintptr_t block, uintptr_t next, uint32_t content, uint32_t key,
			 uint32_t key_after)
{
	set_canaries(next);
	set_used(block, content, tag_of(block, key));
	count_allocation(heap, content);
	put(heap, key_after);
	return word_at(block);
}

// Gives out the end of the first block of an exact bin. The rest goes into another exact bin.
ALWAYS_INLINE void *allocate_from_exact(struct heap *heap, size_t bin, uintptr_t block, uint32_t content,
					uint32_t key, uint32_t key_after)
{
	const size_t rest_granules = bin - content / GRANULE;
	const uintptr_t next = next_granule(block + bin * GRANULE);

	if (!pop(heap, bin, &heap->map[0], block)) {
		return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
	}
	if (rest_granules > 0) {
		const uint32_t rest = (uint32_t)(rest_granules - 1) * GRANULE;
		const uintptr_t given = block + rest_granules * GRANULE;

		set_end(given, rest);
		push(heap, rest_granules - 1, &heap->map[0], block, free_header(rest, tag_of(block, key)),
		     heap->encode_factor);
		block = given;
	}
	return give(heap, block, next, content, key, key_after);
}

// Gives out the end of a block from a bin with several sizes.
ALWAYS_INLINE void *allocate_from_large(struct heap *heap, size_t bin, uintptr_t block, uint32_t content,
					uint32_t key, uint32_t key_after)
{
	const uint32_t whole = content_of(header_of(block));
	const uintptr_t next = next_block(block, whole);

	if (!unlink_from(heap, bin, &heap->map[bin / MAP_BITS], block)) {
		return vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
	}
	if (CONTENT_GRANULES(whole) != CONTENT_GRANULES(content)) {
		const uint32_t rest = CONTENT_GRANULES(whole) - CONTENT_GRANULES(content) - GRANULE;
		const uintptr_t given = next_block(block, rest);

		insert(heap, block, given, rest, free_header(rest, tag_of(block, key)));
		block = given;
	}
	return give(heap, block, next, content, key, key_after);
}

static inline bool is_enough(uintptr_t block, uint32_t content)
{
	return content_of(header_of(block)) >= CONTENT_GRANULES(content);
}

// Last try: a block of the size's own bin that comes after the first one, which was too small.
__attribute__((noinline)) static void *allocate_from_last(uint32_t content, uint32_t key, uint32_t key_after,
							  struct heap *heap)
{
	if (content >= EXACT_LIMIT) {
		const size_t bin = large_bin_of(content);
		uintptr_t block = heap->bins[bin];

		for (int i = 0; i < PROBES && block != 0; i++) {
			const uintptr_t next = decode_next(heap, block);

			if (is_enough(block, content) || !can_be_address(heap, next)) {
				return allocate_from_large(heap, bin, block, content, key, key_after);
			}
			block = next;
		}
	}
	return vmb_heap_fail(key);
}

// Allocates if no exact bin has a block. The addition of HEADER_SIZE may have wrapped a size that is too large.
__attribute__((noinline)) static void *allocate_from_others(size_t whole_content, uint32_t key,
							    uint32_t key_after, struct heap *heap)
{
	const uint32_t content = (uint32_t)whole_content;
	const size_t size = whole_content - HEADER_SIZE;
	size_t bin = EXACT_BINS;

	if (size >= EXACT_LIMIT - HEADER_SIZE) {
		if (size > REQUEST_MAX) {
			return vmb_heap_fail(key);
		}
		// Some blocks of the size's own bin may be too small. Blocks of higher bins never are.
		bin = large_bin_of(content);
		const uintptr_t block = heap->bins[bin];

		if (block != 0 &&
		    (is_enough(block, content) || !can_be_address(heap, decode_next(heap, block)))) {
			return allocate_from_large(heap, bin, block, content, key, key_after);
		}
		bin++;
	}
	size_t word = bin / MAP_BITS;
	uint64_t bits = heap->map[word] >> bin % MAP_BITS << bin % MAP_BITS;

	while (bits == 0) {
		if (++word == MAP_WORDS) {
			return allocate_from_last(content, key, key_after, heap);
		}
		bits = heap->map[word];
	}
	bin = word * MAP_BITS + (size_t)__builtin_ctzll(bits);
	return allocate_from_large(heap, bin, heap->bins[bin], content, key, key_after);
}

ALWAYS_INLINE void *allocate(size_t size, uint32_t key, uint32_t key_after, struct heap *heap)
{
	if (size < EXACT_LIMIT - HEADER_SIZE) {
		const uint32_t content = (uint32_t)size + HEADER_SIZE;
		const size_t bin = content / GRANULE;
		const uintptr_t block = heap->bins[bin];

		if (block != 0) {
			return allocate_from_exact(heap, bin, block, content, key, key_after);
		}
		const uint64_t bits = heap->map[0] >> bin;

		if (bits != 0) {
			const size_t larger = bin + (size_t)__builtin_ctzll(bits);

			return allocate_from_exact(heap, larger, heap->bins[larger], content, key, key_after);
		}
	}
	return allocate_from_others(size + HEADER_SIZE, key, key_after, heap);
}

void *vmb_heap_allocate(size_t size, uint32_t key, uint32_t key_after, struct heap *heap)
{
	return allocate(size, key, key_after, heap);
}

void *malloc(size_t size)
{
	struct heap *heap = the_heap();
	const uint32_t key = take(heap);

	if (key == 0) {
		return allocate_when_taken(size);
	}
	return allocate(size, key, key, heap);
}

ALWAYS_INLINE void make_free(struct heap *heap, uintptr_t block, uintptr_t next, uint32_t content,
			     uint64_t header, uint32_t freed, uint32_t key_after)
{
	heap->headroom += freed;
	insert(heap, block, next, content, header);
	put(heap, key_after);
}

// Frees a block that has one or two free neighbours: they become one block.
ALWAYS_INLINE void merge(struct heap *heap, uintptr_t block, uintptr_t middle, uint32_t freed, uint64_t before,
			 uint64_t middle_header, uint32_t key, uint32_t key_after)
{
	const size_t offset = block - heap->recent.begin;
	const bool next_is_free = (middle_header & CONTENT_FREE) != 0;
	const uint32_t middle_content = content_of(middle_header);
	uint32_t content = freed;
	uintptr_t next = middle;

	if (next_is_free) {
		// The check of the tag comes first, because no links follow the header at the end of a range.
		if (!is_free(middle_header, tag_of(middle, key)) ||
		    !unlink_block(heap, middle, middle_content)) {
			vmb_heap_fault(block, middle, key, VMBASE_HEAP_CORRUPT_LINK);
			return;
		}
		content = CONTENT_GRANULES(content) + GRANULE + middle_content;
		next = next_block(middle, middle_content);
	}
	if (before >> 63 == 0) {
		const uintptr_t previous = block - GRANULE - before;

		if (before >= offset ||
		    CONTENT_GRANULES((uint32_t)header_of(previous)) != ((uint32_t)before | CONTENT_FREE) ||
		    !unlink_block(heap, previous, (uint32_t)before)) {
			if (next_is_free) {
				insert(heap, middle, next, middle_content, middle_header);
			}
			vmb_heap_fault(block, block, key, VMBASE_HEAP_CORRUPT_LINK);
			return;
		}
		// Invalidates the header that is now inside of a block.
		*word_at(block - HEADER_SIZE) = 0;
		content += (uint32_t)before + GRANULE;
		block = previous;
	}
	make_free(heap, block, next, content, free_header(content, tag_of(block, key)), freed, key_after);
}

// Frees a block of the recent range.
ALWAYS_INLINE void release(struct heap *heap, uintptr_t block, uint32_t key, uint32_t key_after)
{
	const struct heap_pair front = pair_at(block - END_DISTANCE);
	const uint64_t header = front.high;
	const uint32_t content = (uint32_t)header;
	const uintptr_t next = next_block(block, content);

	if (!is_used(header, tag_of(block, key))) {
		vmb_heap_fault(block, block, key, VMBASE_HEAP_FOREIGN_POINTER);
		return;
	}
	const struct heap_pair back = pair_at(next - END_DISTANCE);

	if (!has_canaries(block, content, next, back.low)) {
		vmb_heap_fault(block, block, key, VMBASE_HEAP_OVERRUN);
		return;
	}
	if ((back.high & CONTENT_FREE) != 0 || front.low >> 63 == 0) {
		merge(heap, block, next, content, front.low, back.high, key, key_after);
		return;
	}
	make_free(heap, block, next, content, freed_header(header), content, key_after);
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

// Frees a pointer outside of the recent range. Often that is a null pointer.
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
