// SPDX-License-Identifier: Apache-2.0

// The heap's state, and the functions that its files share.
//
// `key` is a secret and a lock. As a secret, it is mixed into headers, so that a guest's faulty code does not
// forge a header by accident or on purpose. As a lock, it is 0 while a call uses the heap: a call swaps it with
// 0 at its start (take()), works with the value that it got, and stores the value again at its end (put()). A
// call that gets 0 runs beside another call, or in a handler that interrupted one. It waits or fails
// (vmb_heap_take_slowly()). One exchange is both the lock and the load of the secret.

#ifndef VMB_HEAP_STATE_H
#define VMB_HEAP_STATE_H

#include "block.h"

#include <vmbase/heap.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The part of a range between the first block and the header at its end.
struct heap_range {
	uintptr_t begin;
	size_t size_bytes;
};

// Bins 0 to EXACT_BINS - 1 have blocks of one size: 1 to EXACT_BINS granules. Above these there are
// 1 << BIN_SHIFT bins for each power of two. See bins.h.
#define MAP_BITS 64
#define EXACT_BINS MAP_BITS
#define EXACT_LIMIT (EXACT_BINS * GRANULE)
#define BIN_SHIFT 3
#define MAP_WORDS 4
// The leading zeros of a content of EXACT_LIMIT.
#define EXACT_LIMIT_ZEROS 20
#define BINS (EXACT_BINS + (EXACT_LIMIT_ZEROS << BIN_SHIFT))

struct heap {
	_Atomic uint32_t key;
	// The range of the last block that was freed, or the last range that was added.
	struct heap_range recent;
	// The members from here to `bins` are in this order because the same calls use neighbours.
	uint64_t decode_factor;  // the inverse of encode_factor modulo 2^64
	uintptr_t limit;         // the highest end of a range
	uint64_t encode_factor;  // for codes of links: see bins.h
	size_t headroom;         // the peak less the live bytes
	uint64_t allocations;    // blocks that were ever given out
	uint64_t map[MAP_WORDS]; // a bit for each bin: whether it has blocks
	uintptr_t bins[BINS];    // the first block of each bin, or 0

	size_t peak; // the most bytes that were ever live
	// Counts of calls. `allocations` includes the blocks of these calls.
	_Atomic uint64_t callocs;
	_Atomic uint64_t aligned_allocs;
	_Atomic uint64_t reallocs;
	_Atomic uint64_t first_reallocs; // of a null pointer
	_Atomic uint64_t moves;          // to another block
	_Atomic uint64_t failures;
	uint64_t splits; // parts that were split off and freed at once
	size_t size_bytes;
	size_t range_count;
	struct heap_range ranges[VMBASE_HEAP_RANGES];
	atomic_bool is_set_up;
};

extern struct heap vmb_heap;

// Ends a call that found a fault: puts the key back, looks for the fault's cause around `pointer`, and reports
// the cause, or the fault itself if no cause is found. Sets errno and returns NULL, so that each of the heap's
// functions can end with it. `key` is 0 if the call does not hold the key.
void *vmb_heap_fault(uintptr_t pointer, uintptr_t evidence, uint32_t key, enum vmbase_heap_fault_kind kind);

// Ends a call that cannot get memory: puts the key back, sets errno and returns NULL. `key` is 0 if the call
// does not hold the key.
void *vmb_heap_fail(uint32_t key);

// A block as a visitor sees it. `content` is without the flag; for a free block it is the largest possible one.
struct heap_place {
	uintptr_t block;
	uintptr_t next;
	uint32_t content;
	bool used;
};

// Receives each block in turn. Returns false to stop the visit, after it stored a fault.
typedef bool vmb_heap_visitor(const struct heap_place *place, void *context, struct vmbase_heap_fault *fault);

// Checks the blocks of a range and calls `visit`, unless it is NULL, for each block. Stops at the first fault,
// stores it, and returns false.
bool vmb_heap_is_intact(const struct heap_range *range, uint32_t key, vmb_heap_visitor *visit, void *context,
			struct vmbase_heap_fault *fault);

// Returns the range that contains an address, or NULL.
const struct heap_range *vmb_heap_range_of(uintptr_t address);

// Takes a key that take() did not get: sets the heap up at its first use, and waits for another CPU. Returns 0
// if waiting cannot help.
uint32_t vmb_heap_take_slowly(void);

// malloc() and free() for a caller that holds the key; the pointer is not null. They store `key_after` as the
// key: 0 keeps the lock. vmb_heap_allocate() puts `key` back if it fails.
void *vmb_heap_allocate(size_t size, uint32_t key, uint32_t key_after, struct heap *heap);
void vmb_heap_release(uintptr_t block, uint32_t key, uint32_t key_after);

// Changes the content of a block in use from `old` to one with as many granules or fewer, and puts the key
// back.
void vmb_heap_shrink(uintptr_t block, uint32_t old, uint32_t content, uint32_t key);

// Returns &vmb_heap. The compiler does not see that the address is a constant: it would load the address of
// each member separately.
static inline struct heap *the_heap(void)
{
	return (struct heap *)launder((uintptr_t)&vmb_heap); // NOLINT(performance-no-int-to-ptr)
}

// Takes the key; returns 0 if another call holds it.
static inline uint32_t take(struct heap *heap)
{
	return atomic_exchange_explicit(&heap->key, 0, memory_order_acquire);
}

// Takes the key, and waits if another CPU holds it, but not in a handler. Returns 0 if another call still holds
// the key.
static inline uint32_t take_or_wait(struct heap *heap)
{
	uint32_t key = take(heap);

	return key != 0 ? key : vmb_heap_take_slowly();
}

static inline void put(struct heap *heap, uint32_t key)
{
	atomic_store_explicit(&heap->key, key, memory_order_release);
}

static inline void count_live(struct heap *heap, uint32_t content)
{
	if (__builtin_sub_overflow(heap->headroom, content, &heap->headroom)) {
		heap->peak -= heap->headroom;
		heap->headroom = 0;
	}
}

static inline void count_allocation(struct heap *heap, uint32_t content)
{
	heap->allocations++;
	count_live(heap, content);
}

// Makes two blocks in use of one, whose content is `whole`. Both are live until the caller releases one.
static inline void split_used(struct heap *heap, uint32_t whole, uintptr_t first, uint32_t first_content,
			      uintptr_t second, uint32_t second_content, uint32_t key)
{
	set_used(first, first_content, tag_of(first, key));
	set_used(second, second_content, tag_of(second, key));
	heap->headroom += whole;
	heap->headroom -= first_content + second_content;
	heap->allocations++;
	heap->splits++;
}

#endif
