// SPDX-License-Identifier: Apache-2.0

// The heap in a guest: from VMBASE_HEAP and from memory added later, in main and in handlers, through the C
// library, and both traces.

#include "../../bench/heap_trace.h"
#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/heap.h>
#include <vmbase/main.h>

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define INSTRUCTION_BYTES 4
#define HEAP_SIZE (2 * 1024 * 1024)

VMBASE_HEAP(HEAP_SIZE);

__attribute__((section(".noinit.more"))) static unsigned char more[HEAP_SIZE];
static void *volatile in_handler;
static volatile int handler_errno;
static int faults;
static struct vmbase_heap_fault last_fault;

void vmbase_heap_report(const struct vmbase_heap_fault *fault)
{
	last_fault = *fault;
	faults++;
}

// The compiler assumes that malloc() succeeds if the memory is not used, and does not change errno.
static void *allocate(size_t size)
{
	void *pointer = malloc(size);

	__asm__ volatile("" : "+r"(pointer) : : "memory");
	return pointer;
}

// BRK #0 allocates, BRK #1 frees, BRK #2 queries the heap.
void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if ((frame->esr & 0xffff) == 0) {
		errno = 0;
		in_handler = allocate(100);
		handler_errno = errno;
	} else if ((frame->esr & 0xffff) == 1) {
		free(in_handler);
	} else if (malloc_usable_size(more) == 0 && mallinfo().arena == 0) {
		in_handler = NULL;
	}
	frame->elr += INSTRUCTION_BYTES;
}

static void interrupt_walk(const struct vmbase_heap_block *block, void *context)
{
	(void)block, (void)context;
	__asm__ volatile("brk #0" ::: "memory");
}

static void interrupt_walk_to_ask(const struct vmbase_heap_block *block, void *context)
{
	(void)block, (void)context;
	in_handler = more;
	__asm__ volatile("brk #2" ::: "memory");
}

static void interrupt_walk_to_free(const struct vmbase_heap_block *block, void *context)
{
	if (block->pointer == context) {
		__asm__ volatile("brk #1" ::: "memory");
	}
}

static struct vmbase_heap_statistics statistics(void)
{
	struct vmbase_heap_statistics result = { .live_blocks = SIZE_MAX };

	if (vmbase_heap_statistics(&result) != VMBASE_OK) {
		vmbase_println("# no statistics");
	}
	return result;
}

struct slot {
	unsigned char *bytes;
	size_t size;
};

static struct slot slots[TRACE_SLOTS_MAX];

static bool is_filled(const struct slot *slot)
{
	const unsigned char fill = (unsigned char)(slot - slots);

	return slot->bytes[0] == fill && slot->bytes[slot->size - 1] == fill &&
	       memcmp(slot->bytes, slot->bytes + 1, slot->size - 1) == 0;
}

static bool replay(const struct heap_trace *trace)
{
	uint64_t state = TRACE_SEED;

	for (int step = 0; step < TRACE_STEPS / 10; step++) {
		struct slot *slot = &slots[trace->next_slot(&state)];

		if (slot->bytes != NULL) {
			if (!is_filled(slot)) {
				return false;
			}
			free(slot->bytes);
			slot->bytes = NULL;
			continue;
		}
		slot->size = trace->next_size(&state);
		slot->bytes = malloc(slot->size);
		if (slot->bytes == NULL) {
			return false;
		}
		memset(slot->bytes, (int)(slot - slots), slot->size);
	}
	for (size_t i = 0; i < TRACE_SLOTS_MAX; i++) {
		free(slots[i].bytes);
		slots[i].bytes = NULL;
	}
	return vmbase_heap_check() == VMBASE_OK;
}

static void check_handlers(void)
{
	__asm__ volatile("brk #0" ::: "memory");
	tap_ok(in_handler != NULL, "a handler allocates");
	__asm__ volatile("brk #1" ::: "memory");
	tap_ok(faults == 0 && statistics().live_blocks == 0, "a handler frees");

	tap_ok(vmbase_heap_walk(interrupt_walk, NULL) == VMBASE_OK, "a walk is interrupted");
	tap_ok(in_handler == NULL && handler_errno == ENOMEM,
	       "a handler that interrupts the heap gets no memory and returns");
	in_handler = allocate(10);
	tap_ok(vmbase_heap_walk(interrupt_walk_to_free, in_handler) == VMBASE_OK && faults == 1 &&
		       last_fault.kind == VMBASE_HEAP_BUSY && last_fault.pointer == (uintptr_t)in_handler,
	       "a free in a handler that interrupts the heap is reported");
	free(in_handler);
	tap_ok(faults == 1 && statistics().live_blocks == 0,
	       "the block of the reported free is still allocated");
	faults = 0;
}

// The other functions of the C library use this heap too, not only the five of C17.
static void check_other_functions(void)
{
	const struct mallinfo before = mallinfo();
	void *volatile blocks[6] = { memalign(64, 100), valloc(100), pvalloc(100), allocate(100),
				     reallocf(NULL, 100) };
	void *aligned = NULL;

	tap_ok(posix_memalign(&aligned, 128, 100) == 0 && (uintptr_t)aligned % 128 == 0,
	       "posix_memalign aligns");
	blocks[5] = aligned;
	tap_ok(((uintptr_t)blocks[0] | (uintptr_t)blocks[1] << 6 | (uintptr_t)blocks[2] << 6) % 64 == 0,
	       "memalign, valloc and pvalloc align");
	tap_ok(malloc_usable_size(blocks[3]) == 100 && malloc_usable_size(NULL) == 0,
	       "malloc_usable_size is the requested size");
	blocks[3] = reallocarray(blocks[3], 10, 20);
	tap_ok(malloc_usable_size(blocks[3]) == 200, "reallocarray");

	const struct mallinfo info = mallinfo();

	tap_ok(info.arena == statistics().size_bytes && info.uordblks == statistics().live_bytes &&
		       info.fordblks == info.arena - info.uordblks && info.ordblks > 0 &&
		       info.uordblks > before.uordblks,
	       "mallinfo has the statistics of this heap");
	malloc_stats();
	tap_ok(malloc_trim(0) == 0 && mallopt(1, 1) == 0, "malloc_trim and mallopt do nothing");
	for (size_t i = 0; i < 6; i++) {
		free(blocks[i]);
	}
	tap_ok(mallinfo().uordblks == before.uordblks && mallinfo().ordblks == before.ordblks,
	       "the blocks of all functions are freed");
	tap_ok(vmbase_heap_walk(interrupt_walk_to_ask, NULL) == VMBASE_OK && in_handler == NULL && faults == 0,
	       "a handler that interrupts the heap gets empty statistics");
}

static void heap(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	size_t largest;
	char *copy;
	void *block;

	// The memory keeps its contents: it is not zeroed.
	memset(more, 0xff, sizeof(more));
	copy = strdup("a string");
	tap_ok(copy != NULL && strcmp(copy, "a string") == 0, "the C library allocates");
	tap_ok(statistics().size_bytes == HEAP_SIZE, "VMBASE_HEAP is the heap");
	free(copy);
	largest = statistics().largest_free_bytes;
	tap_ok(largest > HEAP_SIZE - 128, "all of the heap is free");

	block = allocate(largest);
	tap_ok(block != NULL && allocate(1) == NULL && errno == ENOMEM, "all of the heap is allocated");
	tap_ok(vmbase_heap_add(vmbase_range_of(more, sizeof(more))) == VMBASE_OK,
	       "memory is added to the heap");
	copy = allocate(1);
	tap_ok((unsigned char *)copy >= more && (unsigned char *)copy < more + sizeof(more),
	       "the added memory is allocated");
	free(copy);
	free(block);
	block = aligned_alloc(65536, 100);
	tap_ok(block != NULL && (uintptr_t)block % 65536 == 0, "aligned_alloc aligns");
	free(block);

	check_handlers();
	check_other_functions();
	for (size_t i = 0; i < HEAP_TRACES; i++) {
		tap_ok(replay(&heap_traces[i]), heap_traces[i].name);
	}
	tap_ok(statistics().live_bytes == 0 && statistics().largest_free_bytes == largest && faults == 0,
	       "all memory is free again, in one block");
	tap_done();
}

VMBASE_MAIN(heap);
