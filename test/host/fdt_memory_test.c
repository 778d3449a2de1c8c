// SPDX-License-Identifier: Apache-2.0

// RAM, what of it is reserved, and what is left.

#include "fdt_fixture.h"

#include <libfdt.h>

#include <string.h>

static void memory_is_what_says_so_twice(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range ram;

	(void)state;
	assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &ram), VMBASE_OK);
	assert_range(ram, 0xc0000000, 0xd0000000);
	assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &ram), VMBASE_OK);
	assert_range(ram, 0x80000000, 0xa0000000);
	assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &ram), VMBASE_OK);
	assert_range(ram, 0xa0000000, 0xb0000000);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &ram), VMBASE_ERROR_NOT_FOUND);
	}
	assert_range(ram, 0xa0000000, 0xb0000000);
}

static void reservations_are_of_both_kinds(void **state)
{
	static const struct vmbase_fdt_reservation expected[] = {
		{ { 0x80000000, 0x80001000 }, false, false }, { { 0x90000000, 0x90010000 }, false, false },
		{ { 0xa8000000, 0xa8001000 }, true, false },  { { 0xa8002000, 0xa8003000 }, true, false },
		{ { 0xc0000000, 0xc0100000 }, false, true },
	};
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation), VMBASE_OK);
		assert_range(reservation.range, expected[i].range.begin, expected[i].range.end);
		assert_int_equal(reservation.is_no_map, expected[i].is_no_map);
		assert_int_equal(reservation.is_restricted_dma_pool, expected[i].is_restricted_dma_pool);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation),
				 VMBASE_ERROR_NOT_FOUND);
	}
}

static void a_reservation_that_wraps_around_is_refused(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;
	struct vmbase_range range;

	(void)state;
	blob_begin(&blob);
	blob_reserve(&blob, UINT64_MAX - 1, 3);
	blob_node(&blob, "");
	blob_node(&blob, "memory");
	blob_property(&blob, "device_type", "memory", sizeof("memory"));
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 0x1000 }, 3);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0, &range), VMBASE_ERROR_OUT_OF_RANGE);
}

static void assert_free(uintptr_t address, uintptr_t begin, uintptr_t end)
{
	struct vmbase_range range;

	assert_int_equal(vmbase_fdt_free_memory(&fdt, address, &range), VMBASE_OK);
	assert_range(range, begin, end);
}

static void free_memory_is_what_no_reservation_has(void **state)
{
	struct vmbase_range range = { 77, 78 };

	(void)state;
	assert_free(0, 0x80001000, 0x90000000);
	assert_free(0x80000800, 0x80001000, 0x90000000);
	assert_free(0x8fffffff, 0x8fffffff, 0x90000000);
	assert_free(0x90000000, 0x90010000, 0xa8000000);
	assert_free(0xa8000000, 0xa8001000, 0xa8002000);
	assert_free(0xa8002000, 0xa8003000, 0xb0000000);
	assert_free(0xb0000000, 0xc0100000, 0xd0000000);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0xd0000000, &range), VMBASE_ERROR_NOT_FOUND);
	assert_range(range, 77, 78);
}

// Reservations that begin where the one behind them in the list ends take a walk each.
static void make_descending(uint32_t count)
{
	blob_begin(&blob);
	for (uint32_t i = count; i > 0; i--) {
		blob_reserve(&blob, UINT64_C(0x10000) * i, 0x10000);
	}
	blob_node(&blob, "");
	blob_node(&blob, "memory");
	blob_property(&blob, "device_type", "memory", sizeof("memory"));
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x10000, 0x40000000 }, 3);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
}

static void a_search_for_free_memory_has_a_bound(void **state)
{
	struct vmbase_range range;

	(void)state;
	make_descending(200);
	assert_free(0, UINT64_C(0x10000) * 201, 0x40010000);
	make_descending(1000);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0, &range), VMBASE_ERROR_UNSUPPORTED);
	// All of RAM reserved, and more.
	make_descending(0);
	blob_begin(&blob);
	blob_reserve(&blob, 0, UINT64_MAX);
	blob_node(&blob, "");
	blob_node(&blob, "memory");
	blob_property(&blob, "device_type", "memory", sizeof("memory"));
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x10000, 0x40000000 }, 3);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0, &range), VMBASE_ERROR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(memory_is_what_says_so_twice, open_board),
		cmocka_unit_test_setup(reservations_are_of_both_kinds, open_board),
		cmocka_unit_test(a_reservation_that_wraps_around_is_refused),
		cmocka_unit_test_setup(free_memory_is_what_no_reservation_has, open_board),
		cmocka_unit_test(a_search_for_free_memory_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
