// SPDX-License-Identifier: Apache-2.0

// The heap of a test: the implementation.

#include "heap_fixture.h"

#include "../../../src/arch/context.h"

_Thread_local struct vmbase_heap_fault heap_fault;
_Thread_local int heap_faults;
bool heap_in_handler;
void (*heap_before_wait)(void);

void vmbase_heap_report(const struct vmbase_heap_fault *fault)
{
	heap_fault = *fault;
	heap_faults++;
}

bool vmb_in_handler(void)
{
	if (heap_before_wait != NULL) {
		heap_before_wait();
	}
	return heap_in_handler;
}

void heap_forget(void)
{
	memset(&vmb_heap, 0, sizeof(vmb_heap));
	memset(&heap_fault, 0, sizeof(heap_fault));
	heap_faults = 0;
	heap_in_handler = false;
	heap_before_wait = NULL;
}

void heap_begin(void *memory, size_t size_bytes)
{
	heap_forget();
	if (vmbase_heap_add(vmbase_range_of(memory, size_bytes)) != VMBASE_OK) {
		__builtin_trap();
	}
}

void *heap_opaque(void *pointer)
{
	__asm__ volatile("" : "+r"(pointer) : : "memory");
	return pointer;
}

struct count {
	size_t free_blocks;
	bool previous_is_free;
	bool free_neighbours;
};

static void count_block(const struct vmbase_heap_block *block, void *context)
{
	struct count *count = context;

	count->free_neighbours = count->free_neighbours || (block->is_free && count->previous_is_free);
	count->previous_is_free = block->is_free;
	count->free_blocks += block->is_free;
}

static size_t bin_of(size_t content)
{
	if (content < EXACT_LIMIT) {
		return content / GRANULE;
	}
	return large_bin_of((uint32_t)content);
}

const char *heap_unsoundness(void)
{
	struct count count = { 0 };
	size_t binned = 0;

	for (size_t i = 0; i < vmb_heap.range_count; i++) {
		const struct heap_range *range = &vmb_heap.ranges[i];

		if (*word_at(range->begin - 2 * HEADER_SIZE) != CANARY) {
			return "a range has a wrong beginning";
		}
	}
	if (vmbase_heap_walk(count_block, &count) != VMBASE_OK) {
		return "a block is not intact";
	}
	if (vmb_heap.range_count == 1 && count.free_neighbours) {
		return "free blocks are neighbours";
	}
	for (size_t i = 0; i < BINS; i++) {
		const bool in_map = (vmb_heap.map[i / MAP_BITS] >> i % MAP_BITS & 1) != 0;

		if (in_map != (vmb_heap.bins[i] != 0)) {
			return "a map is wrong";
		}
		for (uintptr_t block = vmb_heap.bins[i]; block != 0; block = decode_next(&vmb_heap, block)) {
			const uint64_t header = header_of(block);

			if (++binned > count.free_blocks || (header & CONTENT_FREE) == 0) {
				return "a bin has a block that is not free";
			}
			if (bin_of(content_of(header)) != i) {
				return "a block is in the wrong bin";
			}
		}
	}
	return binned == count.free_blocks ? NULL : "a free block is in no bin";
}
