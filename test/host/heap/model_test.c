// SPDX-License-Identifier: Apache-2.0

// Compares the heap with a model: a table of the allocated blocks, each with its size and fill byte. After
// every call, blocks do not overlap, keep their bytes, and the heap's invariants hold.

#include "heap_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define HEAP_SIZE ((size_t)64 * 1024)
#define SLOTS 200
#define STEPS 20000
#define SEEDS 8

struct slot {
	unsigned char *bytes;
	size_t size;
	unsigned char fill;
};

static _Alignas(64) unsigned char memory[HEAP_SIZE];
static _Alignas(64) unsigned char other[HEAP_SIZE / 4];
static struct slot slots[SLOTS];
static size_t live_bytes;
static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 11;
}

static bool is_intact(const struct slot *slot)
{
	for (size_t i = 0; i < slot->size; i++) {
		if (slot->bytes[i] != slot->fill) {
			return false;
		}
	}
	return true;
}

static bool is_inside(const unsigned char *bytes, size_t size, const unsigned char *range, size_t range_size)
{
	return bytes >= range && size <= range_size && bytes <= range + range_size - size;
}

static void fill(struct slot *slot, unsigned char *bytes, size_t size)
{
	assert_true(is_inside(bytes, size, memory, sizeof(memory)) ||
		    is_inside(bytes, size, other, sizeof(other)));
	for (size_t i = 0; i < SLOTS; i++) {
		assert_true(slot == &slots[i] || slots[i].bytes == NULL || bytes + size <= slots[i].bytes ||
			    slots[i].bytes + slots[i].size <= bytes);
		assert_ptr_not_equal(slot == &slots[i] ? NULL : slots[i].bytes, bytes);
	}
	live_bytes += size - slot->size;
	*slot = (struct slot){ .bytes = bytes, .size = size, .fill = (unsigned char)next_random() };
	memset(bytes, slot->fill, size);
}

static size_t random_size(void)
{
	switch (next_random() % 8) {
	case 0:
		return next_random() % 24;
	case 1:
		return next_random() % 5000;
	default:
		return next_random() % 300;
	}
}

static void allocate(struct slot *slot)
{
	const size_t size = random_size();
	const size_t alignment = (size_t)1 << next_random() % 11;
	unsigned char *bytes;

	switch (next_random() % 4) {
	case 0:
		bytes = calloc(size, 1);
		for (size_t i = 0; bytes != NULL && i < size; i++) {
			assert_int_equal(bytes[i], 0);
		}
		break;
	case 1:
		bytes = aligned_alloc(alignment, size);
		assert_int_equal((uintptr_t)bytes % alignment, 0);
		break;
	default:
		bytes = malloc(size);
	}
	assert_int_equal((uintptr_t)bytes % 16, 0);
	if (bytes != NULL) {
		fill(slot, bytes, size);
	}
}

static void resize(struct slot *slot)
{
	const size_t size = random_size();
	const size_t kept = size < slot->size ? size : slot->size;
	unsigned char *bytes = realloc(slot->bytes, size);

	if (bytes == NULL) {
		return;
	}
	for (size_t i = 0; i < kept; i++) {
		assert_int_equal(bytes[i], slot->fill);
	}
	fill(slot, bytes, size);
}

static void release(struct slot *slot)
{
	assert_true(is_intact(slot));
	free(slot->bytes);
	live_bytes -= slot->size;
	*slot = (struct slot){ .bytes = NULL };
}

static void check_statistics(void)
{
	struct vmbase_heap_statistics statistics;
	size_t live_blocks = 0;

	assert_int_equal(vmbase_heap_statistics(&statistics), VMBASE_OK);
	for (size_t i = 0; i < SLOTS; i++) {
		live_blocks += slots[i].bytes != NULL;
		assert_true(slots[i].bytes == NULL || is_intact(&slots[i]));
	}
	assert_int_equal(statistics.live_blocks, live_blocks);
	assert_int_equal(statistics.live_bytes, live_bytes + 8 * live_blocks);
	assert_true(statistics.peak_bytes >= statistics.live_bytes);
}

static void run_random_sequence(uint64_t seed)
{
	struct vmbase_heap_statistics statistics;
	size_t largest;

	random_state = seed;
	live_bytes = 0;
	memset(slots, 0, sizeof(slots));
	heap_begin(memory, sizeof(memory));
	assert_int_equal(vmbase_heap_add(vmbase_range_of(other, sizeof(other))), VMBASE_OK);
	assert_int_equal(vmbase_heap_statistics(&statistics), VMBASE_OK);
	largest = statistics.largest_free_bytes;
	for (int step = 0; step < STEPS; step++) {
		struct slot *slot = &slots[next_random() % SLOTS];

		if (slot->bytes == NULL) {
			allocate(slot);
		} else if (next_random() % 4 == 0) {
			resize(slot);
		} else {
			release(slot);
		}
		if (step % 64 == 0) {
			assert_null(heap_unsoundness());
			check_statistics();
		}
	}
	for (size_t i = 0; i < SLOTS; i++) {
		if (slots[i].bytes != NULL) {
			release(&slots[i]);
		}
	}
	check_statistics();
	assert_null(heap_unsoundness());
	assert_int_equal(vmbase_heap_statistics(&statistics), VMBASE_OK);
	assert_int_equal(statistics.largest_free_bytes, largest);
	assert_int_equal(heap_faults, 0);
}

// The first seeds are the same in every run. The last seed is new in each run and is printed; insert it here
// to repeat the run.
static void random_sequences(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const uint64_t this_seed =
			(seed < SEEDS ? seed : (uint64_t)time(NULL)) * UINT64_C(0x9e3779b97f4a7c15);

		print_message("# seed 0x%016llx\n", (unsigned long long)this_seed);
		run_random_sequence(this_seed);
	}
}

// All sequences of this number of calls. Each call allocates one of these sizes or frees one of the blocks.
#define DEPTH 8
static const size_t sizes[] = { 0, 30, 100 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
#define SMALL_HEAP 320

struct snapshot {
	unsigned char memory[SMALL_HEAP];
	struct heap heap;
	struct slot slots[DEPTH];
};

static unsigned long long sequences;

static void visit(struct snapshot *snapshots, unsigned int depth)
{
	struct snapshot *snapshot = &snapshots[depth];

	sequences++;
	assert_null(heap_unsoundness());
	assert_int_equal(heap_faults, 0);
	for (size_t i = 0; i < DEPTH; i++) {
		assert_true(slots[i].bytes == NULL || is_intact(&slots[i]));
	}
	if (depth == DEPTH) {
		return;
	}
	memcpy(snapshot->memory, memory, SMALL_HEAP);
	snapshot->heap = vmb_heap;
	memcpy(snapshot->slots, slots, sizeof(snapshot->slots));
	for (size_t call = 0; call < SIZES + DEPTH; call++) {
		if (call < SIZES) {
			unsigned char *bytes = malloc(sizes[call]);
			size_t slot = 0;

			if (bytes == NULL) {
				continue;
			}
			while (slots[slot].bytes != NULL) {
				slot++;
			}
			fill(&slots[slot], bytes, sizes[call]);
		} else if (slots[call - SIZES].bytes != NULL) {
			release(&slots[call - SIZES]);
		} else {
			continue;
		}
		visit(snapshots, depth + 1);
		memcpy(memory, snapshot->memory, SMALL_HEAP);
		vmb_heap = snapshot->heap;
		memcpy(slots, snapshot->slots, sizeof(snapshot->slots));
	}
}

static void every_short_sequence(void **state)
{
	static struct snapshot snapshots[DEPTH];

	(void)state;
	random_state = 1;
	memset(slots, 0, sizeof(slots));
	heap_begin(memory, SMALL_HEAP);
	visit(snapshots, 0);
	print_message("# %llu sequences\n", sequences);
	assert_true(sequences > 10000);
}

// Two CPUs that wait for each other.
#define THREAD_STEPS 20480
#define THREADS 2

// The heap has enough memory: malloc() and free() fail only if the other thread did not run while this one
// waited.
static void *malloc_with_retries(size_t size)
{
	void *pointer;

	do {
		pointer = malloc(size);
	} while (pointer == NULL);
	return pointer;
}

static bool free_with_retries(void *pointer)
{
	do {
		heap_faults = 0;
		free(pointer);
	} while (heap_faults != 0 && heap_fault.kind == VMBASE_HEAP_BUSY);
	return heap_faults == 0;
}

static void *run_thread(void *context)
{
	const unsigned char fill = *(const unsigned char *)context;
	unsigned char *blocks[32] = { NULL };
	uint64_t state = fill;

	for (int step = 0; step < THREAD_STEPS; step++) {
		unsigned char **block = &blocks[step * 7 % 32];
		const size_t size = (size_t)(state = state * UINT64_C(6364136223846793005) + 1) >> 56;

		if (*block == NULL) {
			*block = malloc_with_retries(size + 1);
			memset(*block, fill, size + 1);
			continue;
		}
		if ((*block)[0] != fill) {
			return "the block has another block's bytes";
		}
		if (!free_with_retries(*block)) {
			return "the heap reported a fault";
		}
		*block = NULL;
	}
	return NULL;
}

static void cpus_can_use_the_heap_at_once(void **state)
{
	static unsigned char fills[THREADS] = { 0x11, 0x22 };
	struct vmbase_heap_statistics statistics;
	pthread_t threads[THREADS];

	(void)state;
	heap_begin(memory, sizeof(memory));
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, run_thread, &fills[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		void *complaint;

		assert_int_equal(pthread_join(threads[i], &complaint), 0);
		assert_null(complaint);
	}
	assert_int_equal(heap_faults, 0);
	assert_null(heap_unsoundness());
	assert_int_equal(vmbase_heap_statistics(&statistics), VMBASE_OK);
	assert_int_equal(statistics.live_bytes, 0);
	assert_int_equal(statistics.malloc_calls, THREADS * THREAD_STEPS / 2);
}

static sem_t waiting;

static void signal_that_a_call_waits(void)
{
	sem_post(&waiting);
}

static void *give_key_back(void *context)
{
	sem_wait(&waiting);
	put(&vmb_heap, *(const uint32_t *)context);
	return NULL;
}

// If the other thread is so late that the call gives up, the test tries again.
static void call_waits_until_another_is_done(void **state)
{
	bool waited = false;

	(void)state;
	heap_begin(memory, sizeof(memory));
	assert_int_equal(sem_init(&waiting, 0, 0), 0);
	for (int attempt = 0; attempt < 50 && !waited; attempt++) {
		pthread_t thread;
		uint32_t key = take(&vmb_heap);

		assert_int_not_equal(key, 0);
		heap_before_wait = signal_that_a_call_waits;
		assert_int_equal(pthread_create(&thread, NULL, give_key_back, &key), 0);
		waited = malloc(10) != NULL;
		heap_before_wait = NULL;
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	assert_true(waited);
	sem_destroy(&waiting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences),
		cmocka_unit_test(every_short_sequence),
		cmocka_unit_test(cpus_can_use_the_heap_at_once),
		cmocka_unit_test(call_waits_until_another_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
