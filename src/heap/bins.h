// SPDX-License-Identifier: Apache-2.0

// The heap's bins: lists of free blocks by size, and the codes that protect their links.
//
//     bin       0    1    2   …   63  |  64   65  …   71 |  72  …   79 | …
//     granules  1    2    3   …   64  |  eight bins for  | for the next| …
//                one size each        |  a power of two  | power of two|
//
// A bit map says which bins have blocks, so the smallest bin with large enough blocks is found without a
// search. A bin with several sizes may have blocks that are too small for some of its sizes. Every block of a
// higher bin is large enough.
//
// A link between free blocks is stored as a code. The code is the address multiplied by encode_factor modulo
// 2^64; the code of the next block has in addition the exclusive or of the header and the block's own address
// added to it. If something overwrites a link or its header, the code decodes to an arbitrary number. That
// number is above the heap's last address almost certainly: for a heap below 4 GiB it is below in one case of
// 2^32. No value that was read from a block is used as an address before a check: is_used() or is_free() for
// headers, can_be_address() for links, the bounds of the range for the last word of a free block. When a free
// block leaves its bin, the check of its link covers its header.

#ifndef VMB_HEAP_BINS_H
#define VMB_HEAP_BINS_H

#include "heap_state.h"

// malloc() and free() consist of these functions.
#define ALWAYS_INLINE __attribute__((always_inline)) static inline

// The first words of a free block. `next` of the last block in a bin is the code of 0; `previous` of the first
// block is not used.
struct heap_node {
	uint64_t header;
	uint64_t next;
	uint64_t previous;
} __attribute__((may_alias));

static inline struct heap_node *node_at(uintptr_t block)
{
	return (struct heap_node *)(block - HEADER_SIZE); // NOLINT(performance-no-int-to-ptr)
}

// Returns the block after a free block in its bin. Its caller checks the result by can_be_address(), which also
// tells whether the header or the link is damaged.
static inline uintptr_t decode_next(const struct heap *heap, uintptr_t block)
{
	const struct heap_pair pair = pair_at(block - HEADER_SIZE);

	return (pair.high - (pair.low ^ block)) * heap->decode_factor;
}

static inline uintptr_t decode_previous(const struct heap *heap, uintptr_t block)
{
	return node_at(block)->previous * heap->decode_factor;
}

static inline bool can_be_address(const struct heap *heap, uintptr_t address)
{
	return address < heap->limit;
}

// Returns the bin of a content of EXACT_LIMIT or more.
static inline size_t large_bin_of(uint32_t content)
{
	const uint32_t zeros = (uint32_t)__builtin_clz(content);
	// The highest bit, which is 1, and the BIN_SHIFT bits below it.
	const uint32_t highest = content << zeros >> (31 - BIN_SHIFT);

	return EXACT_BINS + ((EXACT_LIMIT_ZEROS - 1) << BIN_SHIFT) + highest - (zeros << BIN_SHIFT);
}

// Makes a block the first block of a bin.
ALWAYS_INLINE void push(struct heap *heap, size_t bin, uint64_t *map, uintptr_t block, uint64_t header,
			uint64_t factor)
{
	const uintptr_t first = heap->bins[bin];

	node_at(block)->header = header;
	node_at(block)->next = first * factor + (header ^ block);
	heap->bins[bin] = block;
	if (first != 0) {
		node_at(first)->previous = block * factor;
	} else {
		*map |= UINT64_C(1) << bin % MAP_BITS;
	}
}

// Removes the first block of a bin. Returns false, and changes nothing, if the block is damaged.
ALWAYS_INLINE bool pop(struct heap *heap, size_t bin, uint64_t *map, uintptr_t block)
{
	const uintptr_t next = decode_next(heap, block);

	if (!can_be_address(heap, next)) {
		return false;
	}
	heap->bins[bin] = next;
	if (next == 0) {
		*map &= ~(UINT64_C(1) << bin % MAP_BITS);
	}
	return true;
}

// Makes a free block of the memory from `block` up to `next` and puts it into its bin.
ALWAYS_INLINE void insert(struct heap *heap, uintptr_t block, uintptr_t next, uint32_t content, uint64_t header)
{
	const uint64_t factor = heap->encode_factor;

	set_end(next, content);
	if (content < EXACT_LIMIT) {
		push(heap, content / GRANULE, &heap->map[0], block, header, factor);
	} else {
		const size_t bin = large_bin_of(content);

		push(heap, bin, &heap->map[bin / MAP_BITS], block, header, factor);
	}
}

// Removes a block from a bin. Returns false, and changes nothing, if the block is damaged.
ALWAYS_INLINE bool unlink_from(struct heap *heap, size_t bin, uint64_t *map, uintptr_t block)
{
	if (heap->bins[bin] == block) {
		return pop(heap, bin, map, block);
	}
	const uintptr_t next = decode_next(heap, block);
	const uintptr_t previous = decode_previous(heap, block);

	// Each block but the first one has a previous block.
	if (!can_be_address(heap, next) || !can_be_address(heap, previous) || previous == 0) {
		return false;
	}
	node_at(previous)->next = next * heap->encode_factor + (node_at(previous)->header ^ previous);
	if (next != 0) {
		node_at(next)->previous = node_at(block)->previous;
	}
	return true;
}

// Removes a block from its bin. Returns false, and changes nothing, if the block is damaged.
ALWAYS_INLINE bool unlink_block(struct heap *heap, uintptr_t block, uint32_t content)
{
	if (content < EXACT_LIMIT) {
		return unlink_from(heap, content / GRANULE, &heap->map[0], block);
	}
	const size_t bin = large_bin_of(content);

	return unlink_from(heap, bin, &heap->map[bin / MAP_BITS], block);
}

#endif
