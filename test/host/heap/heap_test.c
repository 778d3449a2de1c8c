// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/heap.h> and of C's allocation functions.

#include "heap_fixture.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#define HEAP_SIZE ((size_t)256 * 1024)
#define OTHER_SIZE ((size_t)16 * 1024)

static _Alignas(64) unsigned char memory[HEAP_SIZE];
static _Alignas(64) unsigned char other[OTHER_SIZE];

static int begin(void **state)
{
	(void)state;
	// The heap must not depend on the previous contents of the memory.
	memset(memory, 0xa5, sizeof(memory));
	heap_begin(memory, sizeof(memory));
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(heap_faults, 0);
	assert_null(heap_unsoundness());
	return 0;
}

static struct vmbase_heap_statistics statistics(void)
{
	struct vmbase_heap_statistics result;

	assert_int_equal(vmbase_heap_statistics(&result), VMBASE_OK);
	return result;
}

static void fill(unsigned char *bytes, size_t size, unsigned int seed)
{
	for (size_t i = 0; i < size; i++) {
		bytes[i] = (unsigned char)(seed + i * 7);
	}
}

// Returns the number. The compiler cannot see that it is too large.
static size_t opaque(size_t size)
{
	__asm__ volatile("" : "+r"(size));
	return size;
}

static bool is_filled(const unsigned char *bytes, size_t size, unsigned int seed)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != (unsigned char)(seed + i * 7)) {
			return false;
		}
	}
	return true;
}

static void blocks_are_aligned_and_do_not_overlap(void **state)
{
	unsigned char *blocks[300];

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		blocks[i] = malloc(i);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % 16, 0);
		fill(blocks[i], i, i);
	}
	for (unsigned int i = 0; i < 300; i++) {
		assert_true(is_filled(blocks[i], i, i));
		free(blocks[i]);
	}
}

static void malloc_of_0_bytes_returns_a_unique_block(void **state)
{
	void *first = malloc(0);
	void *second = malloc(0);

	(void)state;
	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	free(first);
	free(second);
	assert_int_equal(statistics().live_blocks, 0);
}

static void free_of_null_does_nothing(void **state)
{
	(void)state;
	free(NULL);
	assert_int_equal(statistics().free_calls, 0);
}

static void freed_memory_becomes_one_block_again(void **state)
{
	const size_t largest = statistics().largest_free_bytes;
	void *blocks[100];

	(void)state;
	for (int order = 0; order < 3; order++) {
		for (size_t i = 0; i < 100; i++) {
			blocks[i] = malloc(10 * i);
		}
		for (size_t i = 0; i < 100; i++) {
			// Frees in ascending order, in descending order, and in an order in which most blocks
			// have two free neighbours.
			free(blocks[order == 0 ? i : order == 1 ? 99 - i : i * 37 % 100]);
		}
		assert_int_equal(statistics().largest_free_bytes, largest);
	}
	free(malloc(largest));
}

static void whole_heap_can_be_allocated(void **state)
{
	const size_t largest = statistics().largest_free_bytes;
	unsigned char *block = malloc(largest);

	(void)state;
	assert_non_null(block);
	assert_in_range(largest, HEAP_SIZE - 64, HEAP_SIZE);
	fill(block, largest, 1);
	assert_null(malloc(0));
	assert_int_equal(statistics().largest_free_bytes, 0);
	free(block);
	assert_null(malloc(largest + 1));
}

static void full_heap_gives_null_and_enomem(void **state)
{
	(void)state;
	errno = 0;
	assert_null(malloc(HEAP_SIZE));
	assert_int_equal(errno, ENOMEM);
	errno = 0;
	assert_null(calloc(HEAP_SIZE, 1));
	assert_int_equal(errno, ENOMEM);
	errno = 0;
	assert_null(aligned_alloc(4096, HEAP_SIZE));
	assert_int_equal(errno, ENOMEM);
	errno = 0;
	assert_null(realloc(NULL, HEAP_SIZE));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(statistics().failures, 4);
}

static void huge_sizes_give_null(void **state)
{
	static const size_t sizes[] = {
		SIZE_MAX,       SIZE_MAX - 7,    SIZE_MAX - 8,   SIZE_MAX - 31,          SIZE_MAX - 40,
		SIZE_MAX / 2,   PTRDIFF_MAX,     UINT32_MAX,     (size_t)UINT32_MAX + 1, (size_t)UINT32_MAX - 8,
		REQUEST_MAX,    REQUEST_MAX + 1, CONTENT_FREE,   CONTENT_FREE - 8,       CONTENT_FREE + 16,
		SIZE_MAX - 100, SPAN_MAX,        (size_t)1 << 32
	};
	unsigned char *block = malloc(100);

	(void)state;
	fill(block, 100, 1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t alignment = 1; alignment != 0; alignment *= 2) {
			errno = 0;
			assert_null(aligned_alloc(alignment, sizes[i]));
			assert_int_equal(errno, ENOMEM);
		}
		errno = 0;
		assert_null(malloc(sizes[i]));
		assert_int_equal(errno, ENOMEM);
		assert_null(calloc(1, sizes[i]));
		assert_null(calloc(sizes[i], 1));
		errno = 0;
		assert_null(realloc(block, sizes[i]));
		assert_int_equal(errno, ENOMEM);
	}
	assert_true(is_filled(block, 100, 1));
	free(block);
}

static void calloc_zeroes(void **state)
{
	unsigned char *block = malloc(1000);

	(void)state;
	memset(block, 0xff, 1000);
	free(block);
	block = calloc(10, 100);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(block[i], 0);
	}
	free(block);
	free(calloc(0, 5));
	free(calloc(5, 0));
}

static void calloc_does_not_overflow(void **state)
{
	(void)state;
	errno = 0;
	assert_null(calloc(opaque(SIZE_MAX / 2 + 1), 2));
	assert_int_equal(errno, ENOMEM);
	assert_null(calloc(opaque((size_t)1 << 32), opaque((size_t)1 << 32)));
	assert_null(calloc(opaque(SIZE_MAX), opaque(SIZE_MAX)));
	assert_int_equal(statistics().failures, 3);
}

static void realloc_keeps_the_bytes(void **state)
{
	static const size_t sizes[] = { 1, 40, 23, 24, 1000, 900, 5000, 0, 3, 100000, 64, 10 };
	unsigned char *block = NULL;
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		// In every other step the next block is in use.
		void *wall = i % 2 == 0 ? malloc(1) : NULL;

		block = realloc(block, sizes[i]);
		assert_non_null(block);
		assert_true(is_filled(block, size < sizes[i] ? size : sizes[i], 3));
		size = sizes[i];
		fill(block, size, 3);
		assert_null(heap_unsoundness());
		free(wall);
	}
	free(block);
	assert_int_equal(statistics().live_bytes, 0);
}

static void realloc_grows_into_a_free_neighbour(void **state)
{
	void *block = malloc(100);
	void *behind = malloc(100);

	(void)state;
	// The heap allocates from the end of a free block: the first block has the highest address.
	if ((uintptr_t)behind < (uintptr_t)block) {
		void *other_block = block;

		block = behind;
		behind = other_block;
	}
	free(behind);
	assert_ptr_equal(realloc(block, 150), block); // part of the free block after it
	assert_ptr_equal(realloc(block, 247), block); // all of it
	assert_int_equal(statistics().live_bytes, 247 + 8);
	assert_ptr_equal(realloc(block, 1), block);
	assert_int_equal(statistics().live_bytes, 1 + 8);
	free(block);
}

static void realloc_that_fails_leaves_the_block(void **state)
{
	unsigned char *block = malloc(1000);

	(void)state;
	fill(block, 1000, 9);
	assert_null(realloc(block, HEAP_SIZE));
	assert_true(is_filled(block, 1000, 9));
	free(block);
}

static void aligned_alloc_aligns(void **state)
{
	void *blocks[14];
	size_t largest = statistics().largest_free_bytes;

	(void)state;
	for (int round = 0; round < 4; round++) {
		for (unsigned int i = 0; i < 14; i++) {
			const size_t alignment = (size_t)1 << i;
			const size_t size = (size_t)round * 77 + i;

			blocks[i] = aligned_alloc(alignment, size);
			assert_non_null(blocks[i]);
			assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
			assert_int_equal((uintptr_t)blocks[i] % 16, 0);
			fill(blocks[i], size, i);
			assert_null(heap_unsoundness());
		}
		for (unsigned int i = 0; i < 14; i++) {
			assert_true(is_filled(blocks[i], (size_t)round * 77 + i, i));
			free(blocks[i]);
		}
		assert_int_equal(statistics().largest_free_bytes, largest);
		assert_int_equal(statistics().live_bytes, 0);
	}
	assert_int_equal(statistics().aligned_alloc_calls, 4 * 14);
	assert_int_equal(statistics().malloc_calls, 0);
	assert_int_equal(statistics().free_calls, 4 * 14);
}

static void aligned_alloc_takes_powers_of_two(void **state)
{
	static const size_t alignments[] = { 0, 3, 6, 24, 100, 4097, SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(alignments) / sizeof(alignments[0]); i++) {
		errno = 0;
		assert_null(aligned_alloc(alignments[i], 64));
		assert_int_equal(errno, EINVAL);
	}
}

static void older_functions_align(void **state)
{
	void *pointers[4] = { memalign(256, 10), valloc(10), pvalloc(10) };
	const size_t usable[4] = { 10, 10, 4096, 10 };
	const size_t alignments[4] = { 256, 4096, 4096, 64 };

	(void)state;
	errno = 7;
	assert_int_equal(posix_memalign(&pointers[3], 64, 10), 0);
	assert_int_equal(errno, 7);
	for (size_t i = 0; i < 4; i++) {
		assert_non_null(pointers[i]);
		assert_int_equal((uintptr_t)pointers[i] % alignments[i], 0);
		assert_int_equal(malloc_usable_size(pointers[i]), usable[i]);
	}
	assert_null(heap_unsoundness());
	for (size_t i = 0; i < 4; i++) {
		cfree(pointers[i]);
	}
	assert_int_equal(statistics().live_blocks, 0);
	assert_int_equal(statistics().aligned_alloc_calls, 4);
	// Exactly one page is not rounded up.
	pointers[0] = pvalloc(4096);
	assert_int_equal(malloc_usable_size(pointers[0]), 4096);
	free(pointers[0]);
}

static void older_functions_return_errors(void **state)
{
	static const size_t too_large[] = { SIZE_MAX, SIZE_MAX - 4095, SIZE_MAX - 4096, SIZE_MAX / 2 };
	static const size_t no_alignments[] = { 0, 1, 2, 4, 12, 24, SIZE_MAX };
	void *pointer = &pointer;

	(void)state;
	for (size_t i = 0; i < sizeof(too_large) / sizeof(too_large[0]); i++) {
		errno = 0;
		assert_null(valloc(too_large[i]));
		assert_int_equal(errno, ENOMEM);
		errno = 0;
		assert_null(pvalloc(too_large[i]));
		assert_int_equal(errno, ENOMEM);
		errno = 7;
		assert_int_equal(posix_memalign(&pointer, 64, too_large[i]), ENOMEM);
		assert_int_equal(errno, 7);
		assert_ptr_equal(pointer, &pointer);
	}
	for (size_t i = 0; i < sizeof(no_alignments) / sizeof(no_alignments[0]); i++) {
		assert_int_equal(posix_memalign(&pointer, no_alignments[i], 10), EINVAL);
		assert_ptr_equal(pointer, &pointer);
	}
	errno = 0;
	assert_null(memalign(24, 10));
	assert_int_equal(errno, EINVAL);
}

static void usable_size_is_the_requested_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 23, 24, 25, 31, 32, 33, 55, 56, 1000, 2047, 2048, 5000 };

	(void)state;
	assert_int_equal(malloc_usable_size(NULL), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *bytes = malloc(sizes[i]);

		assert_int_equal(malloc_usable_size(bytes), sizes[i]);
		fill(bytes, sizes[i], 1);
		bytes = realloc(bytes, sizes[i] + 100);
		assert_int_equal(malloc_usable_size(bytes), sizes[i] + 100);
		free(bytes);
	}
	assert_int_equal(heap_faults, 0);
}

static void statistics_count(void **state)
{
	struct vmbase_heap_statistics now = statistics();
	void *first;
	void *second;

	(void)state;
	assert_int_equal(now.size_bytes, HEAP_SIZE);
	assert_int_equal(now.live_bytes, 0);
	assert_int_equal(now.peak_bytes, 0);
	first = malloc(100);
	second = calloc(10, 20);
	now = statistics();
	assert_int_equal(now.live_bytes, 300 + 2 * 8);
	assert_int_equal(now.peak_bytes, 300 + 2 * 8);
	assert_int_equal(now.live_blocks, 2);
	free(first);
	now = statistics();
	assert_int_equal(now.live_bytes, 200 + 8);
	assert_int_equal(now.peak_bytes, 300 + 2 * 8);
	assert_int_equal(now.live_blocks, 1);
	second = realloc(second, 20000);
	second = realloc(second, 10);
	second = realloc(second, 12);
	first = realloc(NULL, 5);
	free(aligned_alloc(1024, 30));
	now = statistics();
	assert_int_equal(now.live_blocks, 2);
	assert_int_equal(now.live_bytes, 12 + 5 + 2 * 8);
	assert_int_equal(now.malloc_calls, 1);
	assert_int_equal(now.calloc_calls, 1);
	assert_int_equal(now.realloc_calls, 4);
	assert_int_equal(now.aligned_alloc_calls, 1);
	assert_int_equal(now.free_calls, 2);
	assert_int_equal(now.failures, 0);
	assert_in_range(now.peak_bytes, 20000, 21000);
	free(first);
	free(second);
}

struct seen {
	const void *pointers[8];
	size_t sizes[8];
	bool are_free[8];
	size_t count;
};

static void see(const struct vmbase_heap_block *block, void *context)
{
	struct seen *seen = context;

	assert_true(seen->count < 8);
	seen->pointers[seen->count] = block->pointer;
	seen->sizes[seen->count] = block->size_bytes;
	seen->are_free[seen->count] = block->is_free;
	seen->count++;
}

static void walk_finds_leaked_blocks(void **state)
{
	struct seen seen = { .count = 0 };
	void *kept = malloc(33);
	void *freed = malloc(50);
	void *last = malloc(0);

	(void)state;
	free(freed);
	assert_int_equal(vmbase_heap_walk(see, &seen), VMBASE_OK);
	// In order of addresses: free rest, last block, hole, first block.
	assert_int_equal(seen.count, 4);
	assert_ptr_equal(seen.pointers[1], last);
	assert_int_equal(seen.sizes[1], 0);
	assert_ptr_equal(seen.pointers[2], freed);
	assert_ptr_equal(seen.pointers[3], kept);
	assert_int_equal(seen.sizes[3], 33);
	assert_true(seen.are_free[0] && !seen.are_free[1] && seen.are_free[2] && !seen.are_free[3]);
	// The largest block that fits, which is also in the statistics.
	assert_int_equal(seen.sizes[0], statistics().largest_free_bytes);
	free(kept);
	free(last);
}

static void use_heap_in_visit(const struct vmbase_heap_block *block, void *context)
{
	(void)block, (void)context;
	heap_in_handler = true; // so that no call waits
	errno = 0;
	assert_null(malloc(1));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(vmbase_heap_check(), VMBASE_ERROR_BUSY);
	heap_in_handler = false;
}

static void heap_is_busy_during_a_walk(void **state)
{
	(void)state;
	assert_int_equal(vmbase_heap_walk(use_heap_in_visit, NULL), VMBASE_OK);
	free(malloc(1));
}

// A handler that interrupts a call finds the heap locked.
static void call_that_interrupts_another_fails(void **state)
{
	void *block = malloc(10);
	struct vmbase_heap_statistics before = statistics();
	struct vmbase_heap_statistics unchanged;
	const uint32_t key = take(&vmb_heap);

	(void)state;
	heap_in_handler = true;
	errno = 0;
	assert_null(malloc(10));
	assert_int_equal(errno, ENOMEM);
	assert_null(calloc(1, 10));
	assert_null(aligned_alloc(16, 10));
	assert_null(aligned_alloc(64, 10));
	assert_null(realloc(NULL, 10));
	errno = 0;
	assert_null(realloc(block, 10));
	assert_int_equal(errno, ENOMEM);
	free(NULL);
	assert_int_equal(vmbase_heap_check(), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_heap_walk(see, NULL), VMBASE_ERROR_BUSY);
	memset(&unchanged, 0x77, sizeof(unchanged));
	assert_int_equal(vmbase_heap_statistics(&unchanged), VMBASE_ERROR_BUSY);
	assert_int_equal(unchanged.live_bytes, 0x7777777777777777);
	assert_int_equal(vmbase_heap_add(vmbase_range_of(other, sizeof(other))), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_heap_set_key(1), VMBASE_ERROR_BUSY);

	assert_int_equal(heap_faults, 0);
	free(block);
	assert_int_equal(heap_faults, 1);
	assert_int_equal(heap_fault.kind, VMBASE_HEAP_BUSY);
	assert_int_equal(heap_fault.pointer, (uintptr_t)block);
	heap_faults = 0;

	// No failed call has unlocked the heap.
	assert_int_equal(take(&vmb_heap), 0);
	put(&vmb_heap, key);
	assert_int_equal(statistics().live_blocks, before.live_blocks);
	free(block);
	assert_int_equal(statistics().live_blocks, 0);
}

static void call_outside_a_handler_waits_for_a_limited_time(void **state)
{
	const uint32_t key = take(&vmb_heap);

	(void)state;
	assert_null(malloc(10));
	put(&vmb_heap, key);
	free(malloc(10));
}

static void heap_without_memory_allocates_nothing(void **state)
{
	(void)state;
	heap_forget();
	assert_null(malloc(0));
	assert_int_equal(statistics().size_bytes, 0);
	assert_int_equal(statistics().failures, 1);
	free(NULL);
}

static void add_rejects_invalid_ranges(void **state)
{
	(void)state;
	heap_forget();
	assert_int_equal(vmbase_heap_add(vmbase_range_of(other, 0)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_heap_add(vmbase_range_of(other, 47)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_heap_add(vmbase_range_of(other, SIZE_MAX)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_heap_add(vmbase_range_at(UINTPTR_MAX, 64)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_heap_add(vmbase_range_at((UINT64_C(1) << 48), 4096)),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_heap_add(vmbase_range_at(((UINT64_C(1) << 48) - 4096), 4097)),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(statistics().size_bytes, 0);
	assert_null(malloc(0));
}

static void smallest_range_has_a_block_at_any_alignment(void **state)
{
	(void)state;
	for (size_t offset = 0; offset < 32; offset++) {
		void *block;

		heap_begin(other + offset, 80);
		block = malloc(23);
		assert_non_null(block);
		assert_in_range((uintptr_t)block, (uintptr_t)other + offset,
				(uintptr_t)other + offset + 80 - 23);
		free(block);
		assert_null(heap_unsoundness());
	}
}

static void add_refuses_overlaps(void **state)
{
	(void)state;
	assert_int_equal(vmbase_heap_add(vmbase_range_of(memory, sizeof(memory))), VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_heap_add(vmbase_range_of(memory + 1000, 1000)), VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_heap_add(vmbase_range_of(memory + sizeof(memory) - 64, 64)),
			 VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_heap_add(vmbase_range_of((unsigned char *)heap_opaque(memory) - 128, 192)),
			 VMBASE_ERROR_OVERLAP);
	assert_int_equal(statistics().size_bytes, HEAP_SIZE);
}

static void heap_has_several_ranges(void **state)
{
	const size_t part = OTHER_SIZE / (VMBASE_HEAP_RANGES - 1);
	void *blocks[VMBASE_HEAP_RANGES];

	(void)state;
	for (size_t i = 0; i < VMBASE_HEAP_RANGES - 1; i++) {
		assert_int_equal(vmbase_heap_add(vmbase_range_of(other + i * part, part)), VMBASE_OK);
	}
	assert_int_equal(vmbase_heap_add(vmbase_range_of(blocks, sizeof(blocks))), VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(statistics().size_bytes, HEAP_SIZE + part * (VMBASE_HEAP_RANGES - 1));
	// A block cannot use two ranges, although the ranges touch.
	for (size_t i = 0; i < VMBASE_HEAP_RANGES; i++) {
		blocks[i] = i == 0 ? malloc(HEAP_SIZE - 100) : malloc(part - 100);
		assert_non_null(blocks[i]);
	}
	assert_null(malloc(part - 100));
	for (size_t i = 0; i < VMBASE_HEAP_RANGES; i++) {
		free(blocks[i * 5 % VMBASE_HEAP_RANGES]);
		assert_null(heap_unsoundness());
	}
}

// On the host, as in a guest, unused memory costs nothing.
static void range_may_be_larger_than_any_block(void **state)
{
	const size_t size_bytes = (size_t)5 << 30;
	void *range = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	void *blocks[4];

	(void)state;
	if (range == MAP_FAILED) {
		skip();
	}
	heap_begin(range, size_bytes);
	assert_int_equal(vmb_heap.range_count, 3);
	assert_int_equal(statistics().largest_free_bytes, REQUEST_MAX);
	assert_null(malloc((size_t)REQUEST_MAX + 1));
	for (size_t i = 0; i < 4; i++) {
		blocks[i] = malloc(i < 2 ? REQUEST_MAX : ((size_t)1 << 30) - 100);
		assert_true(i == 3 || blocks[i] != NULL);
	}
	assert_null(blocks[3]);
	for (size_t i = 0; i < 4; i++) {
		free(blocks[i]);
	}
	assert_null(heap_unsoundness());
	heap_begin(memory, sizeof(memory));
	munmap(range, size_bytes);
}

static void key_changes_headers_and_links(void **state)
{
	uint64_t headers[3];

	(void)state;
	for (uint64_t key = 0; key < 3; key++) {
		void *block;

		heap_forget();
		if (key > 0) {
			assert_int_equal(vmbase_heap_set_key(key), VMBASE_OK);
		}
		assert_int_equal(vmbase_heap_add(vmbase_range_of(memory, sizeof(memory))), VMBASE_OK);
		assert_int_equal(vmbase_heap_set_key(key), VMBASE_ERROR_BUSY);
		block = malloc(100);
		memcpy(&headers[key], (unsigned char *)heap_opaque(block) - HEADER_SIZE, sizeof(headers[key]));
		free(block);
	}
	assert_true(headers[0] != headers[1] && headers[1] != headers[2] && headers[0] != headers[2]);
}

static void names_are_known(void **state)
{
	(void)state;
	assert_string_equal(vmbase_heap_fault_name(VMBASE_HEAP_DOUBLE_FREE), "double free");
	assert_string_equal(vmbase_heap_fault_name(VMBASE_HEAP_BUSY), "free while the heap is busy");
	assert_string_equal(vmbase_heap_fault_name((enum vmbase_heap_fault_kind)100), "unknown fault");
}

#define HEAP_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HEAP_TEST(blocks_are_aligned_and_do_not_overlap),
		HEAP_TEST(malloc_of_0_bytes_returns_a_unique_block),
		HEAP_TEST(free_of_null_does_nothing),
		HEAP_TEST(freed_memory_becomes_one_block_again),
		HEAP_TEST(whole_heap_can_be_allocated),
		HEAP_TEST(full_heap_gives_null_and_enomem),
		HEAP_TEST(huge_sizes_give_null),
		HEAP_TEST(calloc_zeroes),
		HEAP_TEST(calloc_does_not_overflow),
		HEAP_TEST(realloc_keeps_the_bytes),
		HEAP_TEST(realloc_grows_into_a_free_neighbour),
		HEAP_TEST(realloc_that_fails_leaves_the_block),
		HEAP_TEST(aligned_alloc_aligns),
		HEAP_TEST(aligned_alloc_takes_powers_of_two),
		HEAP_TEST(older_functions_align),
		HEAP_TEST(older_functions_return_errors),
		HEAP_TEST(usable_size_is_the_requested_size),
		HEAP_TEST(statistics_count),
		HEAP_TEST(walk_finds_leaked_blocks),
		HEAP_TEST(heap_is_busy_during_a_walk),
		HEAP_TEST(call_that_interrupts_another_fails),
		HEAP_TEST(call_outside_a_handler_waits_for_a_limited_time),
		HEAP_TEST(heap_without_memory_allocates_nothing),
		HEAP_TEST(add_rejects_invalid_ranges),
		HEAP_TEST(smallest_range_has_a_block_at_any_alignment),
		HEAP_TEST(add_refuses_overlaps),
		HEAP_TEST(heap_has_several_ranges),
		HEAP_TEST(range_may_be_larger_than_any_block),
		HEAP_TEST(key_changes_headers_and_links),
		HEAP_TEST(names_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
