// SPDX-License-Identifier: Apache-2.0

// Replays traces of allocations and prints what malloc() and free() cost, in instructions, and in memory.

#include "../../src/heap/bins.h"
#include "count.h"
#include "heap_trace.h"

#include <vmbase/console.h>
#include <vmbase/main.h>
#include <vmbase/power.h>

#include <stdlib.h>

#define HEAP_SIZE (4 * 1024 * 1024)

// The search for the footprint ends at this part of the bytes that are live at the peak.
#define FOOTPRINT_PARTS 1000

struct cost {
	uint64_t calls;
	uint64_t sum;
	uint64_t worst;
};

struct slot {
	void *pointer;
	size_t size;
};

__attribute__((section(".noinit.heap"), aligned(64))) static unsigned char memory[HEAP_SIZE];
static struct slot slots[TRACE_SLOTS_MAX];

static void add(struct cost *cost, uint64_t begin, uint64_t end)
{
	uint64_t instructions = count_between(begin, end);

	cost->calls++;
	cost->sum += instructions;
	if (instructions > cost->worst) {
		cost->worst = instructions;
	}
}

// Calls a function of one argument. Only the call is between the two readings.
static uint64_t measured_call(struct cost *cost, uintptr_t function, uint64_t argument)
{
	register uint64_t x0 __asm__("x0") = argument;
	uint64_t begin;
	uint64_t end;

	__asm__ volatile("mrs %1, cntvct_el0\n\tblr %3\n\tmrs %2, cntvct_el0"
			 : "+r"(x0), "=&r"(begin), "=r"(end)
			 : "r"(function)
			 : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			   "x14", "x15", "x16", "x17", "x18", "x30", "memory", "cc");
	add(cost, begin, end);
	return x0;
}

static void *measured_malloc(struct cost *cost, size_t size)
{
	return (void *)measured_call(cost, (uintptr_t)malloc, size);
}

static void measured_free(struct cost *cost, void *pointer)
{
	measured_call(cost, (uintptr_t)free, (uintptr_t)pointer);
}

// A new heap in the first bytes of the memory.
static void begin_heap(size_t size_bytes)
{
	memset(&vmb_heap, 0, sizeof(vmb_heap));
	memset(slots, 0, sizeof(slots));
	if (vmbase_heap_add(vmbase_range_of(memory, size_bytes)) != VMBASE_OK) {
		vmbase_println("a heap of %zu bytes cannot be", size_bytes);
		vmbase_reboot();
	}
}

// Returns the most that was live, 0 where the heap was too small.
static size_t replay(const struct heap_trace *trace, struct cost *malloc_cost, struct cost *free_cost)
{
	size_t live = 0;
	size_t peak = 0;
	uint64_t state = TRACE_SEED;

	for (int step = 0; step < TRACE_STEPS; step++) {
		struct slot *slot = &slots[trace->next_slot(&state)];

		if (slot->pointer != NULL) {
			measured_free(free_cost, slot->pointer);
			live -= slot->size;
			slot->pointer = NULL;
			continue;
		}
		slot->size = trace->next_size(&state);
		slot->pointer = measured_malloc(malloc_cost, slot->size);
		if (slot->pointer == NULL) {
			return 0;
		}
		live += slot->size;
		if (live > peak) {
			peak = live;
		}
	}
	return peak;
}

static void print_cost(const char *trace, const char *call, const struct cost *cost)
{
	uint64_t hundredths = cost->sum * 100 / cost->calls;

	vmbase_println("heap.%s.%s_mean %llu.%02llu instructions", trace, call,
		       (unsigned long long)hundredths / 100, (unsigned long long)hundredths % 100);
	vmbase_println("heap.%s.%s_worst %llu instructions", trace, call, (unsigned long long)cost->worst);
}

static void measure_trace(const struct heap_trace *trace)
{
	struct cost malloc_cost = { 0 };
	struct cost free_cost = { 0 };
	struct cost ignored = { 0 };
	size_t peak;
	size_t too_few = FOOTPRINT_PARTS - 1;
	size_t enough = 2 * FOOTPRINT_PARTS;

	begin_heap(HEAP_SIZE);
	peak = replay(trace, &malloc_cost, &free_cost);
	print_cost(trace->name, "malloc", &malloc_cost);
	print_cost(trace->name, "free", &free_cost);

	while (enough - too_few > 1) {
		size_t parts = (enough + too_few) / 2;

		begin_heap(peak * parts / FOOTPRINT_PARTS);
		if (replay(trace, &ignored, &ignored) == 0) {
			too_few = parts;
		} else {
			enough = parts;
		}
	}
	vmbase_println("heap.%s.footprint %zu.%03zu times peak", trace->name, enough / FOOTPRINT_PARTS,
		       enough % FOOTPRINT_PARTS);
}

// Blocks of 32 bytes fill the heap; every other one is freed, and then all others, each of which has free
// neighbours.
static void measure_fragmented(void)
{
	struct cost malloc_cost = { 0 };
	struct cost free_cost = { 0 };
	void **first = NULL;
	void **last = NULL;

	begin_heap(HEAP_SIZE);
	for (;;) {
		void **block = measured_malloc(&malloc_cost, 32);

		if (block == NULL) {
			break;
		}
		// Each block has the address of the next one.
		*block = NULL;
		if (last != NULL) {
			*last = block;
		} else {
			first = block;
		}
		last = block;
	}
	void **others = NULL;

	for (void **block = first; block != NULL;) {
		void **other = *block;
		void **next = other != NULL ? *other : NULL;

		measured_free(&free_cost, block);
		if (other != NULL) {
			*other = others;
			others = other;
		}
		block = next;
	}
	while (others != NULL) {
		void **next = *others;

		measured_free(&free_cost, others);
		others = next;
	}
	vmbase_println("heap.fragmented.blocks %llu blocks", (unsigned long long)free_cost.calls);
	print_cost("fragmented", "malloc", &malloc_cost);
	print_cost("fragmented", "free", &free_cost);
}

static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	for (size_t i = 0; i < HEAP_TRACES; i++) {
		measure_trace(&heap_traces[i]);
	}
	measure_fragmented();
}

VMBASE_MAIN(guest);
