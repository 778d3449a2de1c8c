// SPDX-License-Identifier: Apache-2.0

// The heap finds damaged blocks and reports them with both addresses.

#include "heap_fixture.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEAP_SIZE ((size_t)16 * 1024)

static _Alignas(64) unsigned char memory[HEAP_SIZE];
static _Alignas(64) unsigned char other[1024];

// Three blocks in a row, from low addresses to high ones.
static unsigned char *left;
static unsigned char *middle;
static unsigned char *right;

static void begin_row(size_t left_size, size_t middle_size, size_t right_size)
{
	heap_begin(memory, sizeof(memory));
	// The heap allocates from the end of a free block.
	right = malloc(right_size);
	middle = malloc(middle_size);
	left = malloc(left_size);
	assert_true(left < middle && middle < right);
}

static int begin(void **state)
{
	(void)state;
	begin_row(100, 100, 100);
	return 0;
}

#define assert_fault(expected_kind, expected_pointer, expected_evidence)                                       \
	do {                                                                                                   \
		assert_int_equal(heap_faults, 1);                                                              \
		assert_string_equal(vmbase_heap_fault_name(heap_fault.kind),                                   \
				    vmbase_heap_fault_name(expected_kind));                                    \
		assert_int_equal(heap_fault.pointer, (uintptr_t)(expected_pointer));                           \
		assert_int_equal(heap_fault.evidence, (uintptr_t)(expected_evidence));                         \
		heap_faults = 0;                                                                               \
	} while (0)

static void double_free_is_found(void **state)
{
	(void)state;
	free(heap_opaque(middle));
	free(heap_opaque(middle));
	assert_fault(VMBASE_HEAP_DOUBLE_FREE, middle, middle);
	assert_null(realloc(heap_opaque(middle), 10));
	assert_fault(VMBASE_HEAP_DOUBLE_FREE, middle, middle);
	assert_null(heap_unsoundness());
}

// If a freed block was merged with another block, the result is the free block.
static void double_free_of_a_merged_block_is_found(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		begin_row(100, 100, 100);
		free(order == 0 ? right : middle);
		free(order == 0 ? middle : right);
		free(heap_opaque(right));
		assert_fault(VMBASE_HEAP_DOUBLE_FREE, right, middle);
		free(heap_opaque(middle));
		assert_fault(VMBASE_HEAP_DOUBLE_FREE, middle, middle);
		assert_null(heap_unsoundness());
	}
}

static void double_free_is_found_after_the_block_was_given_out_in_part(void **state)
{
	(void)state;
	begin_row(100, 1000, 100);
	free(heap_opaque(middle));
	assert_true((unsigned char *)malloc(990) == middle);
	free(heap_opaque(middle));
	assert_true((unsigned char *)malloc(300) > middle);
	free(heap_opaque(middle));
	assert_fault(VMBASE_HEAP_DOUBLE_FREE, middle, middle);
}

static void interior_pointers_are_found(void **state)
{
	(void)state;
	memset(middle, 0, 100);
	for (size_t offset = 1; offset < 128; offset++) {
		free(heap_opaque(middle + offset));
		assert_fault(VMBASE_HEAP_INTERIOR_POINTER, middle + offset, middle);
		assert_null(realloc(heap_opaque(middle + offset), 1));
		assert_fault(VMBASE_HEAP_INTERIOR_POINTER, middle + offset, middle);
		assert_int_equal(malloc_usable_size(heap_opaque(middle + offset)), 0);
		assert_fault(VMBASE_HEAP_INTERIOR_POINTER, middle + offset, middle);
	}
	assert_null(heap_unsoundness());
}

static void pointers_into_free_blocks_are_found(void **state)
{
	(void)state;
	free(heap_opaque(middle));
	for (size_t offset = 0; offset < 128; offset++) {
		free(heap_opaque(middle + offset));
		assert_fault(VMBASE_HEAP_DOUBLE_FREE, middle + offset, middle);
		assert_int_equal(malloc_usable_size(heap_opaque(middle + offset)), 0);
		assert_fault(VMBASE_HEAP_DOUBLE_FREE, middle + offset, middle);
	}
}

static void foreign_pointers_are_found(void **state)
{
	unsigned char local[64];

	(void)state;
	free(heap_opaque(local));
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, local, 0);
	free(heap_opaque(memory)); // before the first block
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, memory, 0);
	free(heap_opaque(memory + HEAP_SIZE));
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, memory + HEAP_SIZE, 0);
	free((void *)heap_opaque((void *)1));
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, 1, 0);
	free((void *)heap_opaque((void *)UINTPTR_MAX));
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, UINTPTR_MAX, 0);
	assert_null(realloc(heap_opaque(other), 10));
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, other, 0);
	assert_int_equal(malloc_usable_size(heap_opaque(other)), 0);
	assert_fault(VMBASE_HEAP_FOREIGN_POINTER, other, 0);
	assert_null(heap_unsoundness());
}

static void free_rejects_a_copied_block_header(void **state)
{
	(void)state;
	memcpy(left + 24, middle - HEADER_SIZE, 8);
	free(heap_opaque(left + 32));
	assert_fault(VMBASE_HEAP_INTERIOR_POINTER, left + 32, left);
}

// Tests every size in two granules, and every byte between the end and the next block's header.
static void write_past_the_end_is_found_byte_by_byte(void **state)
{
	(void)state;
	for (size_t size = 0; size < 64; size++) {
		begin_row(100, size, 100);
		const unsigned char *end = right - HEADER_SIZE;

		assert_true(middle + size < end);
		for (unsigned char *byte = middle + size; byte < end; byte++) {
			const unsigned char canary = *byte;

			*byte ^= 0x40;
			free(heap_opaque(middle));
			assert_fault(VMBASE_HEAP_OVERRUN, middle, byte);
			assert_null(realloc(heap_opaque(middle), 10));
			assert_fault(VMBASE_HEAP_OVERRUN, middle, byte);
			assert_int_equal(vmbase_heap_check(), VMBASE_ERROR_CORRUPT);
			assert_fault(VMBASE_HEAP_OVERRUN, middle, byte);
			*byte = canary;
		}
		// After the byte is restored, the block can be freed.
		free(heap_opaque(middle));
		assert_int_equal(heap_faults, 0);
		assert_null(heap_unsoundness());
	}
}

static void long_overrun_is_reported_at_its_first_byte(void **state)
{
	(void)state;
	memset(middle + 100, 0, 60);
	free(heap_opaque(middle));
	assert_fault(VMBASE_HEAP_OVERRUN, middle, middle + 100);
	// A free of the next block reports the same fault.
	free(heap_opaque(right));
	assert_fault(VMBASE_HEAP_OVERRUN, middle, middle + 100);
}

// A block that grew or shrank in place has its canaries at its new end.
static void write_past_the_end_is_found_after_realloc(void **state)
{
	static const size_t sizes[] = { 90, 110, 60, 119, 20, 0, 24, 23 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char canary;

		assert_ptr_equal(realloc(middle, sizes[i]), middle);
		canary = middle[sizes[i]];
		middle[sizes[i]] = 'x';
		free(heap_opaque(middle));
		assert_fault(VMBASE_HEAP_OVERRUN, middle, middle + sizes[i]);
		middle[sizes[i]] = canary;
		assert_null(heap_unsoundness());
		free(realloc(malloc(1), 100));
		free(malloc(1));
	}
}

static void write_past_the_end_of_an_aligned_block_is_found(void **state)
{
	(void)state;
	for (size_t size = 0; size < 100; size++) {
		unsigned char *block = heap_opaque(aligned_alloc(256, size));

		block[size] = 0;
		free(heap_opaque(block));
		assert_fault(VMBASE_HEAP_OVERRUN, block, block + size);
		block[size] = (unsigned char)CANARY;
		free(block);
		assert_null(heap_unsoundness());
	}
}

// Flips every bit of the header of a block that is freed, of the block after it, and of a free block that is
// allocated.
static void corrupt_headers_are_found_bit_by_bit(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		unsigned char *byte;
		const unsigned char mask = (unsigned char)(1U << bit % 8);

		begin_row(100, 100, 100);
		byte = middle - HEADER_SIZE + bit / 8;
		*byte ^= mask;
		free(heap_opaque(middle));
		assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
		assert_null(realloc(heap_opaque(middle), 10));
		assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
		*byte ^= mask;
		free(middle);

		*byte ^= mask;
		assert_null(malloc(100));
		assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
		*byte ^= mask;
		assert_non_null(malloc(100));

		begin_row(100, 3000, 100);
		byte = middle - HEADER_SIZE + bit / 8;
		free(middle);
		*byte ^= mask;
		assert_null(malloc(2900));
		assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
		// Frees of the two neighbours also refuse to merge with the block. With bit 31 flipped, the
		// free of `left` finds a block in use.
		free(heap_opaque(right));
		assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
		if (bit != 31) {
			free(heap_opaque(left));
			assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
			assert_null(realloc(heap_opaque(left), 1000));
			assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
		}
		*byte ^= mask;
		free(right);
		free(left);
		assert_null(heap_unsoundness());
	}
}

static void zeroed_header_is_found(void **state)
{
	(void)state;
	memset(middle - HEADER_SIZE, 0, HEADER_SIZE);
	free(heap_opaque(middle));
	assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
}

// A program writes to a block after it has freed it: any value to any of its links. The first block of a bin
// uses only one of the two links.
static void corrupt_links_are_found(void **state)
{
	static const size_t block_sizes[] = { 10, 100, 3000 };
	unsigned char links[16];
	int written = 0;

	(void)state;
	for (unsigned int i = 0; i < 3 * 16 * 16 * 18; i++) {
		const size_t block_size = block_sizes[i % 3];
		const size_t offset = i / 3 % 16;
		const size_t size = i / 3 / 16 % 16 + 1;
		const int value = (int)(i / 3 / 16 / 16 * 15);

		if (offset + size > sizeof(links)) {
			continue;
		}
		for (int is_first = 0; is_first < 2; is_first++) {
			void *first;

			begin_row(100, block_size, 100);
			malloc(1);
			first = malloc(block_size);
			malloc(1);
			free(is_first ? first : heap_opaque(middle));
			free(is_first ? heap_opaque(middle) : first);
			memcpy(links, middle, sizeof(links));
			memset(middle + offset, value, size);
			if (memcmp(links, middle, is_first ? 8 : sizeof(links)) == 0) {
				continue;
			}
			written++;
			free(heap_opaque(i % 2 == 0 ? left : right));
			assert_fault(VMBASE_HEAP_CORRUPT_LINK, middle, middle);
			if (is_first) {
				errno = 0;
				assert_null(malloc(block_size));
				assert_int_equal(errno, ENOMEM);
				assert_fault(VMBASE_HEAP_CORRUPT_LINK, middle, middle);
			}
			memcpy(middle, links, sizeof(links));
			assert_null(heap_unsoundness());
		}
	}
	assert_true(written > 10000);
}

// A link depends on its block's address and header. A link copied from another block is detected, also if its
// header is copied with it, and if header and link are overwritten with the same value.
static void links_copied_from_other_blocks_are_found(void **state)
{
	unsigned char *blocks[3];

	(void)state;
	for (size_t copied = HEADER_SIZE; copied <= 2 * HEADER_SIZE; copied += HEADER_SIZE) {
		heap_begin(memory, sizeof(memory));
		for (size_t i = 0; i < 3; i++) {
			blocks[i] = malloc(100);
			malloc(1);
		}
		for (size_t i = 0; i < 3; i++) {
			free(blocks[i]);
		}
		memcpy(blocks[2] + HEADER_SIZE - copied, blocks[1] + HEADER_SIZE - copied, copied);
		assert_null(malloc(100));
		if (copied == HEADER_SIZE) {
			assert_fault(VMBASE_HEAP_CORRUPT_LINK, blocks[2], blocks[2]);
		} else {
			assert_fault(VMBASE_HEAP_CORRUPT_HEADER, blocks[2], blocks[2] - HEADER_SIZE);
		}
	}
	for (unsigned int value = 0; value < 256; value++) {
		begin_row(100, 100, 100);
		free(middle);
		memset(middle - HEADER_SIZE, (int)value, 2 * sizeof(uint64_t));
		assert_null(malloc(100));
		assert_fault(VMBASE_HEAP_CORRUPT_HEADER, middle, middle - HEADER_SIZE);
	}
}

// Later blocks of a bin are searched only if no other block fits.
static void corrupt_link_after_the_first_is_found(void **state)
{
	unsigned char *blocks[4];

	(void)state;
	heap_begin(memory, sizeof(memory));
	for (size_t i = 0; i < 4; i++) {
		malloc(1);
		blocks[i] = malloc(2100 + 32 * i); // in one bin of several sizes
	}
	while (malloc(1000) != NULL) {
	}
	for (size_t i = 0; i < 4; i++) {
		free(blocks[i]);
	}
	memset(blocks[2], 0, 8);
	assert_null(malloc(2100 + 32 * 3 + 60));
	assert_fault(VMBASE_HEAP_CORRUPT_LINK, blocks[2], blocks[2]);
	assert_ptr_equal(malloc(2100 + 32 * 3), blocks[3]);
}

static void second_block_of_a_bin_is_given_out_if_it_is_the_only_fit(void **state)
{
	unsigned char *blocks[4];

	(void)state;
	heap_begin(memory, sizeof(memory));
	for (size_t i = 0; i < 4; i++) {
		malloc(1);
		blocks[i] = malloc(2100 + 32 * i);
	}
	while (malloc(1000) != NULL) {
	}
	for (size_t i = 4; i > 0; i--) {
		free(blocks[i - 1]);
	}
	assert_ptr_equal(malloc(2100 + 32 * 2), blocks[2]);
	assert_ptr_equal(malloc(2100 + 32 * 3), blocks[3]);
	assert_null(malloc(2100 + 32 * 2));
	assert_int_equal(heap_faults, 0);
	assert_null(heap_unsoundness());
}

// The last word of a free block has the block's beginning.
static void corrupt_end_of_a_free_block_is_found(void **state)
{
	(void)state;
	for (unsigned int value = 0; value < 0x80; value++) {
		begin_row(100, 1000, 100);
		free(heap_opaque(middle));
		uint64_t *end = (uint64_t *)(void *)(right - 2 * HEADER_SIZE);
		const uint64_t intact = *end;

		for (unsigned int byte = 0; byte < 8; byte++) {
			*end = (intact & ~(UINT64_C(0xff) << 8 * byte)) | (uint64_t)value << 8 * byte;
			if (intact == *end) {
				continue;
			}
			free(heap_opaque(right));
			assert_fault(VMBASE_HEAP_CORRUPT_LINK, middle, end);
			*end = intact;
			assert_null(heap_unsoundness());
		}
		*end = intact;
		free(right);
		assert_int_equal(heap_faults, 0);
		assert_null(heap_unsoundness());
	}
}

// The word must lead to this free block, not to any free block.
static void wrong_size_at_the_end_of_a_free_block_is_found(void **state)
{
	uint64_t *end;

	(void)state;
	begin_row(100, 100, 100);
	free(heap_opaque(middle));
	end = (uint64_t *)(void *)(right - END_DISTANCE);
	// The first block of the range is free too. A block in use is between the two. The first block is in
	// the bin for blocks of the wrong length.
	*end = (uintptr_t)right - vmb_heap.ranges[0].begin - GRANULE;
	free(heap_opaque(right));
	assert_fault(VMBASE_HEAP_CORRUPT_LINK, middle, end);
}

// The block after could be merged, but the block before is damaged: the first merge is undone.
static void refused_free_leaves_the_heap_unchanged(void **state)
{
	uint64_t link;
	const void *wall;

	(void)state;
	begin_row(100, 100, 200);
	wall = malloc(1);
	assert_true((const unsigned char *)wall < left);
	free(right);
	free(left);
	memcpy(&link, left, sizeof(link));
	memset(left, 0x55, sizeof(link));
	free(heap_opaque(middle));
	assert_int_equal(heap_faults, 1);
	assert_int_equal(heap_fault.kind, VMBASE_HEAP_CORRUPT_LINK);
	memcpy(left, &link, sizeof(link));
	assert_null(heap_unsoundness());
	heap_faults = 0;
	free(middle);
	assert_int_equal(heap_faults, 0);
	assert_null(heap_unsoundness());
}

static void corrupt_ends_of_a_range_are_found(void **state)
{
	const struct heap_range range = vmb_heap.ranges[0];

	(void)state;
	memory[range.begin - 2 * HEADER_SIZE - (uintptr_t)memory] ^= 1;
	assert_int_equal(vmbase_heap_check(), VMBASE_ERROR_CORRUPT);
	assert_fault(VMBASE_HEAP_CORRUPT_HEADER, range.begin, range.begin - 2 * HEADER_SIZE);
	memory[range.begin - 2 * HEADER_SIZE - (uintptr_t)memory] ^= 1;
	memory[range.begin + range.size_bytes - HEADER_SIZE - (uintptr_t)memory] ^= 1;
	assert_int_equal(vmbase_heap_check(), VMBASE_ERROR_CORRUPT);
	assert_fault(VMBASE_HEAP_CORRUPT_HEADER, range.begin + range.size_bytes,
		     range.begin + range.size_bytes - HEADER_SIZE);
}

// The end has no links that could be read, and no memory after it.
static void end_of_a_range_is_not_merged(void **state)
{
	const uintptr_t end = vmb_heap.ranges[0].begin + vmb_heap.ranges[0].size_bytes;
	unsigned char *flag = memory + (end - (uintptr_t)memory) - HEADER_SIZE + 3;

	(void)state;
	*flag ^= 0x80;
	free(heap_opaque(right));
	assert_fault(VMBASE_HEAP_CORRUPT_HEADER, end, end - HEADER_SIZE);
	*flag ^= 0x80;
	free(right);
	assert_int_equal(heap_faults, 0);
	assert_null(heap_unsoundness());
}

static void damaged_heap_has_no_statistics(void **state)
{
	struct vmbase_heap_statistics statistics = { .live_blocks = 77 };

	(void)state;
	middle[100] = 0;
	assert_int_equal(vmbase_heap_statistics(&statistics), VMBASE_ERROR_CORRUPT);
	assert_fault(VMBASE_HEAP_OVERRUN, middle, middle + 100);
	assert_int_equal(statistics.live_blocks, 77);
}

static void pointers_are_checked_in_their_own_range(void **state)
{
	unsigned char *block;

	(void)state;
	assert_int_equal(vmbase_heap_add(vmbase_range_of(other, sizeof(other))), VMBASE_OK);
	do {
		block = malloc(200);
	} while (block != NULL && (block < other || block > other + sizeof(other)));
	assert_non_null(block);
	free(heap_opaque(middle + 16));
	assert_fault(VMBASE_HEAP_INTERIOR_POINTER, middle + 16, middle);
	free(heap_opaque(block + 16));
	assert_fault(VMBASE_HEAP_INTERIOR_POINTER, block + 16, block);
	free(heap_opaque(block));
	free(heap_opaque(block));
	assert_int_equal(heap_fault.kind, VMBASE_HEAP_DOUBLE_FREE);
}

static void heap_still_works_after_a_report(void **state)
{
	(void)state;
	middle[100] = 0;
	free(heap_opaque(middle));
	assert_int_equal(heap_faults, 1);
	free(left);
	free(right);
	free(malloc(50));
	assert_int_equal(heap_faults, 1);
}

#define FAULT_TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(double_free_is_found),
		FAULT_TEST(double_free_of_a_merged_block_is_found),
		FAULT_TEST(double_free_is_found_after_the_block_was_given_out_in_part),
		FAULT_TEST(interior_pointers_are_found),
		FAULT_TEST(pointers_into_free_blocks_are_found),
		FAULT_TEST(foreign_pointers_are_found),
		FAULT_TEST(free_rejects_a_copied_block_header),
		FAULT_TEST(write_past_the_end_is_found_byte_by_byte),
		FAULT_TEST(long_overrun_is_reported_at_its_first_byte),
		FAULT_TEST(write_past_the_end_is_found_after_realloc),
		FAULT_TEST(write_past_the_end_of_an_aligned_block_is_found),
		FAULT_TEST(corrupt_headers_are_found_bit_by_bit),
		FAULT_TEST(zeroed_header_is_found),
		FAULT_TEST(corrupt_links_are_found),
		FAULT_TEST(links_copied_from_other_blocks_are_found),
		FAULT_TEST(corrupt_link_after_the_first_is_found),
		FAULT_TEST(second_block_of_a_bin_is_given_out_if_it_is_the_only_fit),
		FAULT_TEST(corrupt_end_of_a_free_block_is_found),
		FAULT_TEST(wrong_size_at_the_end_of_a_free_block_is_found),
		FAULT_TEST(refused_free_leaves_the_heap_unchanged),
		FAULT_TEST(corrupt_ends_of_a_range_are_found),
		FAULT_TEST(end_of_a_range_is_not_merged),
		FAULT_TEST(damaged_heap_has_no_statistics),
		FAULT_TEST(pointers_are_checked_in_their_own_range),
		FAULT_TEST(heap_still_works_after_a_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
