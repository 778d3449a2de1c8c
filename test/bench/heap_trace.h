// SPDX-License-Identifier: Apache-2.0

// Two traces of allocations, the same in every run: a slot at a time, which is freed if it is live and
// allocated if it is not.

#ifndef HEAP_TRACE_H
#define HEAP_TRACE_H

#include <stddef.h>
#include <stdint.h>

#define TRACE_STEPS 100000
#define TRACE_SLOTS_MAX 2000
#define TRACE_SEED UINT64_C(0x9e3779b97f4a7c15)

struct heap_trace {
	const char *name;
	size_t (*next_slot)(uint64_t *state);
	size_t (*next_size)(uint64_t *state);
};

static inline uint64_t trace_xorshift(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline size_t trace_mixed_slot(uint64_t *state)
{
	return (trace_xorshift(state) >> 32) % 2000;
}

// 16 bytes to 4 KiB, each power of two as often as the others.
static inline size_t trace_mixed_size(uint64_t *state)
{
	const uint64_t random = trace_xorshift(state);
	const unsigned int exponent = 4 + (random & 7);

	return ((size_t)1 << exponent) + ((random >> 8) & (((size_t)1 << exponent) - 1));
}

static inline uint64_t trace_xorshift_star(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline size_t trace_clustered_slot(uint64_t *state)
{
	return trace_xorshift_star(state) % 1000;
}

// Powers of two from 16 bytes to 4 KiB, and up to 15 more.
static inline size_t trace_clustered_size(uint64_t *state)
{
	const uint64_t power = trace_xorshift_star(state);
	const uint64_t more = trace_xorshift_star(state);

	return ((size_t)16 << power % 9) + more % 16;
}

static const struct heap_trace heap_traces[] = {
	{ .name = "mixed", .next_slot = trace_mixed_slot, .next_size = trace_mixed_size },
	{ .name = "clustered", .next_slot = trace_clustered_slot, .next_size = trace_clustered_size },
};

#define HEAP_TRACES (sizeof(heap_traces) / sizeof(heap_traces[0]))

#endif
