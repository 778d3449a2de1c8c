// SPDX-License-Identifier: Apache-2.0

// Statistics, walk, and check of the whole heap.

#include "heap_state.h"

// Visits the blocks of all ranges up to the first fault, and puts the key back. A fault is reported with
// `caller` as the call that found it.
static enum vmbase_error visit_all(uint32_t key, vmb_heap_visitor *visit, void *context, uintptr_t caller)
{
	struct heap *heap = the_heap();
	struct vmbase_heap_fault fault;
	bool intact = true;

	for (size_t i = 0; intact && i < heap->range_count; i++) {
		intact = vmb_heap_is_intact(&heap->ranges[i], key, visit, context, &fault);
	}
	put(heap, key);
	if (intact) {
		return VMBASE_OK;
	}
	fault.caller = caller;
	vmbase_heap_report(&fault);
	return VMBASE_ERROR_CORRUPT;
}

struct census {
	uint32_t largest; // the content of the largest free block
	size_t live_blocks;
};

static bool count(const struct heap_place *place, void *context, struct vmbase_heap_fault *fault)
{
	struct census *census = context;

	(void)fault;
	if (place->used) {
		census->live_blocks++;
	} else if (place->content > census->largest) {
		census->largest = place->content;
	}
	return true;
}

enum vmbase_error vmbase_heap_statistics(struct vmbase_heap_statistics *statistics)
{
	struct heap *heap = the_heap();
	const uint32_t key = take_or_wait(heap);
	struct census census = { .largest = HEADER_SIZE };
	struct vmbase_heap_statistics result;
	enum vmbase_error error;

	if (key == 0) {
		return VMBASE_ERROR_BUSY;
	}
	result = (struct vmbase_heap_statistics){
		.size_bytes = heap->size_bytes,
		.live_bytes = heap->peak - heap->headroom,
		.peak_bytes = heap->peak,
		.malloc_calls = heap->allocations - heap->callocs - heap->aligned_allocs -
				heap->first_reallocs - heap->moves - heap->splits,
		.calloc_calls = heap->callocs,
		.realloc_calls = heap->reallocs + heap->first_reallocs + heap->moves,
		.aligned_alloc_calls = heap->aligned_allocs,
		.free_calls = heap->allocations - heap->moves - heap->splits,
		.failures = heap->failures,
	};
	error = visit_all(key, count, &census, (uintptr_t)__builtin_return_address(0));
	if (error == VMBASE_OK) {
		result.live_blocks = census.live_blocks;
		result.largest_free_bytes = census.largest - HEADER_SIZE;
		result.free_calls -= census.live_blocks;
		*statistics = result;
	}
	return error;
}

struct walk {
	void (*visit)(const struct vmbase_heap_block *block, void *context);
	void *context;
};

static bool show(const struct heap_place *place, void *context, struct vmbase_heap_fault *fault)
{
	const struct walk *walk = context;
	const struct vmbase_heap_block block = {
		.pointer = word_at(place->block),
		.size_bytes = place->content - HEADER_SIZE,
		.is_free = !place->used,
	};

	(void)fault;
	walk->visit(&block, walk->context);
	return true;
}

enum vmbase_error vmbase_heap_walk(void (*visit)(const struct vmbase_heap_block *block, void *context),
				   void *context)
{
	const uint32_t key = take_or_wait(the_heap());
	struct walk walk = { .visit = visit, .context = context };

	if (key == 0) {
		return VMBASE_ERROR_BUSY;
	}
	return visit_all(key, show, &walk, (uintptr_t)__builtin_return_address(0));
}

enum vmbase_error vmbase_heap_check(void)
{
	const uint32_t key = take_or_wait(the_heap());

	if (key == 0) {
		return VMBASE_ERROR_BUSY;
	}
	return visit_all(key, NULL, NULL, (uintptr_t)__builtin_return_address(0));
}
