// SPDX-License-Identifier: Apache-2.0

// The heap's ranges and keys.

#include "bins.h"

#include "../arch/context.h"
#include "../base/align.h"

#define ADDRESS_LIMIT (UINT64_C(1) << 48)

// How often a CPU tries to take the key while another CPU holds it: some milliseconds.
#define TAKE_ATTEMPTS_MAX 10000000

// Returns the next number of a pseudorandom sequence (Steele, Lea and Flood's SplitMix, "Fast splittable
// pseudorandom number generators").
static uint64_t next_random(uint64_t *state)
{
	uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

// Derives all keys from a seed. Returns the key for headers.
static uint32_t set_keys(struct heap *heap, uint64_t seed)
{
	uint64_t inverse;

	// An odd factor has an inverse modulo 2^64. Modulo 8 the inverse is the factor itself. Each step of
	// Newton's method doubles the number of correct bits.
	heap->encode_factor = next_random(&seed) | 1;
	inverse = heap->encode_factor;
	for (int right_bits = 3; right_bits < 64; right_bits *= 2) {
		inverse *= 2 - heap->encode_factor * inverse;
	}
	heap->decode_factor = inverse;
	return (uint32_t)next_random(&seed) | 1;
}

const struct heap_range *vmb_heap_range_of(uintptr_t address)
{
	const struct heap *heap = the_heap();

	for (size_t i = 0; i < heap->range_count; i++) {
		const struct heap_range *range = &heap->ranges[i];

		if (address - range->begin < range->size_bytes) {
			return range;
		}
	}
	return NULL;
}

// Adds one range whose first block begins at `begin`.
static void add_range(struct heap *heap, uintptr_t begin, size_t size_bytes, uint32_t key)
{
	const uint32_t content = (uint32_t)size_bytes - 1;

	*word_at(begin - END_DISTANCE) = CANARY;
	set_used(begin + size_bytes, 0, tag_of(begin + size_bytes, key));
	insert(heap, begin, begin + size_bytes, content, free_header(content, tag_of(begin, key)));
	if (heap->limit < begin + size_bytes) {
		heap->limit = begin + size_bytes;
	}
	heap->recent = (struct heap_range){ .begin = begin, .size_bytes = size_bytes };
	heap->ranges[heap->range_count++] = heap->recent;
}

static bool overlaps(const struct heap *heap, uint64_t begin, uint64_t end)
{
	for (size_t i = 0; i < heap->range_count; i++) {
		const struct heap_range *range = &heap->ranges[i];

		if (begin < range->begin + range->size_bytes && end > range->begin - END_DISTANCE) {
			return true;
		}
	}
	return false;
}

// Adds the memory [begin, end), as several ranges if it is large.
static enum vmbase_error add(struct heap *heap, uint64_t begin, uint64_t end, uint32_t key)
{
	uint64_t first;
	size_t ranges;

	if (end < begin || end > ADDRESS_LIMIT) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	first = vmb_align_up(begin + END_DISTANCE, GRANULE);
	if (end < first + GRANULE) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (overlaps(heap, begin, end)) {
		return VMBASE_ERROR_OVERLAP;
	}
	ranges = (end - first - GRANULE) / (SPAN_MAX + GRANULE) + 1;
	if (ranges > VMBASE_HEAP_RANGES - heap->range_count) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	heap->size_bytes += end - begin;
	for (; ranges > 0; ranges--) {
		uint64_t size_bytes = (end - first) / GRANULE * GRANULE;

		if (size_bytes > SPAN_MAX) {
			size_bytes = SPAN_MAX;
		}
		add_range(heap, first, size_bytes, key);
		first += size_bytes + GRANULE;
	}
	return VMBASE_OK;
}

// Sets the heap up and returns its key, which is then taken. Returns 0 if the heap was set up before.
static uint32_t set_up(struct heap *heap, uint64_t seed)
{
	uint32_t key;

	if (atomic_exchange_explicit(&heap->is_set_up, true, memory_order_relaxed)) {
		return 0;
	}
	key = set_keys(heap, seed);
	if (vmbase_heap_region.begin != vmbase_heap_region.end) {
		// VMBASE_HEAP made the range. It is valid unless it is very small.
		(void)add(heap, vmbase_heap_region.begin, vmbase_heap_region.end, key);
	}
	return key;
}

uint32_t vmb_heap_take_slowly(void)
{
	struct heap *heap = the_heap();
	const int attempts = vmb_in_handler() ? 1 : TAKE_ATTEMPTS_MAX;
	uint32_t key = set_up(heap, 0);

	for (int attempt = 0; key == 0 && attempt < attempts; attempt++) {
		key = take(heap);
	}
	return key;
}

enum vmbase_error vmbase_heap_add(struct vmbase_range range)
{
	struct heap *heap = the_heap();
	const uint32_t key = take_or_wait(heap);
	enum vmbase_error error;

	if (key == 0) {
		return VMBASE_ERROR_BUSY;
	}
	error = add(heap, range.begin, range.end, key);
	put(heap, key);
	return error;
}

enum vmbase_error vmbase_heap_set_key(uint64_t key)
{
	struct heap *heap = the_heap();
	const uint32_t header_key = set_up(heap, key);

	if (header_key == 0) {
		return VMBASE_ERROR_BUSY;
	}
	put(heap, header_key);
	return VMBASE_OK;
}
