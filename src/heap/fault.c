// SPDX-License-Identifier: Apache-2.0

// Finds the cause of a fault and reports it. Time does not matter here.

#include "bins.h"

#include <errno.h>

static struct vmbase_heap_fault fault_of(enum vmbase_heap_fault_kind kind, uintptr_t pointer,
					 uintptr_t evidence)
{
	return (struct vmbase_heap_fault){ .kind = kind, .pointer = pointer, .evidence = evidence };
}

// Returns the first byte in [begin, end) that is not a canary, or `end`.
static uintptr_t first_overwritten(uintptr_t begin, uintptr_t end)
{
	const unsigned char *byte = (const unsigned char *)word_at(begin);

	while (begin < end && *byte == (CANARY & UCHAR_MAX)) {
		begin++;
		byte++;
	}
	return begin;
}

// Returns whether a link points to a free block, or to no block if the block may be the last one.
static bool is_link(const struct heap *heap, uintptr_t block, bool may_be_last, uint32_t key)
{
	if (block == 0) {
		return may_be_last;
	}
	return can_be_address(heap, block) && is_free(header_of(block), tag_of(block, key));
}

static bool has_links(const struct heap *heap, uintptr_t block, uint32_t content, uint32_t key)
{
	const size_t bin = content < EXACT_LIMIT ? content / GRANULE : large_bin_of(content);

	return is_link(heap, decode_next(heap, block), true, key) &&
	       (heap->bins[bin] == block || is_link(heap, decode_previous(heap, block), false, key));
}

// Returns whether a block of a range is undamaged. Otherwise stores the fault.
static bool is_intact(const struct heap_range *range, const struct heap_place *place, uint32_t key,
		      struct vmbase_heap_fault *fault)
{
	const bool is_block = place->used || is_free(header_of(place->block), tag_of(place->block, key));

	if (!is_block || place->next > range->begin + range->size_bytes) {
		*fault = fault_of(VMBASE_HEAP_CORRUPT_HEADER, place->block, place->block - HEADER_SIZE);
		return false;
	}
	if (place->used) {
		const uintptr_t end = place->next - HEADER_SIZE;
		const uintptr_t overwritten =
			first_overwritten(place->block + place->content - HEADER_SIZE, end);

		*fault = fault_of(VMBASE_HEAP_OVERRUN, place->block, overwritten);
		return overwritten == end;
	}
	if (!has_links(the_heap(), place->block, place->content, key)) {
		*fault = fault_of(VMBASE_HEAP_CORRUPT_LINK, place->block, place->block);
		return false;
	}
	*fault = fault_of(VMBASE_HEAP_CORRUPT_LINK, place->block, place->next - END_DISTANCE);
	return *word_at(place->next - END_DISTANCE) == CONTENT_GRANULES(place->content);
}

bool vmb_heap_is_intact(const struct heap_range *range, uint32_t key, vmb_heap_visitor *visit, void *context,
			struct vmbase_heap_fault *fault)
{
	const uintptr_t end = range->begin + range->size_bytes;
	uintptr_t block = range->begin;

	if (*word_at(block - END_DISTANCE) != CANARY) {
		*fault = fault_of(VMBASE_HEAP_CORRUPT_HEADER, block, block - END_DISTANCE);
		return false;
	}
	while (block < end) {
		const uint64_t header = header_of(block);
		struct heap_place place = { .block = block, .content = content_of(header) };

		place.next = next_block(block, place.content);
		place.used = is_used(header, tag_of(block, key));
		if (!is_intact(range, &place, key, fault)) {
			return false;
		}
		if (!place.used) {
			place.content |= GRANULE - 1;
		}
		if (visit != NULL && !visit(&place, context, fault)) {
			return false;
		}
		block = place.next;
	}
	*fault = fault_of(VMBASE_HEAP_CORRUPT_HEADER, end, end - HEADER_SIZE);
	return is_used(header_of(end), tag_of(end, key));
}

// Visitor that finds the block around a pointer that malloc() did not return.
static bool find_pointer(const struct heap_place *place, void *context, struct vmbase_heap_fault *fault)
{
	const uintptr_t pointer = *(const uintptr_t *)context;

	if (pointer >= place->next || (pointer == place->block && place->used)) {
		return true;
	}
	*fault = fault_of(place->used ? VMBASE_HEAP_INTERIOR_POINTER : VMBASE_HEAP_DOUBLE_FREE, pointer,
			  place->block);
	return false;
}

void *vmb_heap_fault(uintptr_t pointer, uintptr_t evidence, uint32_t key, enum vmbase_heap_fault_kind kind)
{
	struct vmbase_heap_fault fault = fault_of(kind, pointer, evidence);

	if (key != 0) {
		const struct heap_range *range = vmb_heap_range_of(pointer);
		struct vmbase_heap_fault found;

		if (range != NULL &&
		    !vmb_heap_is_intact(range, key, kind == VMBASE_HEAP_FOREIGN_POINTER ? find_pointer : NULL,
					&pointer, &found)) {
			fault = found;
		}
		put(the_heap(), key);
	}
	fault.caller = (uintptr_t)__builtin_return_address(0);
	vmbase_heap_report(&fault);
	errno = ENOMEM;
	return NULL;
}

void *vmb_heap_fail(uint32_t key)
{
	struct heap *heap = the_heap();

	heap->failures++;
	if (key != 0) {
		put(heap, key);
	}
	errno = ENOMEM;
	return NULL;
}
