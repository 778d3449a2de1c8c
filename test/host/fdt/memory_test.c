// SPDX-License-Identifier: Apache-2.0

// RAM, its reserved parts, and the free rest.

#include "fdt_fixture.h"

#include <libfdt.h>

#include <string.h>

static void memory_needs_its_name_and_its_device_type(void **state)
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

static void reservation_that_wraps_around_is_cut_at_the_highest_address(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;
	struct vmbase_range range;

	(void)state;
	blob_begin(&blob);
	blob_reserve(&blob, 0x1800, UINT64_MAX);
	blob_node(&blob, "");
	blob_node(&blob, "memory");
	blob_property(&blob, "device_type", "memory", sizeof("memory"));
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 0x1000 }, 3);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation), VMBASE_OK);
	assert_range(reservation.range, 0x1800, UINT64_MAX);
	assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0, &range), VMBASE_OK);
	assert_range(range, 0x1000, 0x1800);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0x1800, &range), VMBASE_ERROR_NOT_FOUND);
}

static void add_memory(const char *name, const uint32_t *reg, size_t count)
{
	blob_node(&blob, name);
	blob_property(&blob, "device_type", "memory", sizeof("memory"));
	blob_cells(&blob, "reg", reg, count);
	blob_tag(&blob, FDT_END_NODE);
}

// An unreadable entry is an error at its position. The other entries are still returned.
static void invalid_entry_does_not_hide_others(void **state)
{
	static const struct {
		enum vmbase_error error;
		uintptr_t begin;
		uintptr_t end;
	} expected[] = {
		{ VMBASE_OK, 0x1000, 0x2000 }, { VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
		{ VMBASE_OK, 0x3000, 0x4000 }, { VMBASE_ERROR_CORRUPT, 0, 0 },
		{ VMBASE_OK, 0x5000, 0x6000 }, { VMBASE_ERROR_CORRUPT, 0, 0 },
	};
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range range;

	(void)state;
	blob_begin(&blob);
	blob_node(&blob, "");
	add_memory("memory@1", (const uint32_t[]){ 0, 0x1000, 0x1000, -1U, -1U, 2, 0, 0x3000, 0x1000, 0 }, 10);
	add_memory("memory@2", (const uint32_t[]){ 0, 0x5000, 0x1000 }, 3);
	add_memory("memory@3", (const uint32_t[]){ 0 }, 1);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	for (size_t i = 0; i < COUNT(expected); i++) {
		print_message("# entry %zu\n", i);
		assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &range), expected[i].error);
		if (expected[i].error == VMBASE_OK) {
			assert_range(range, expected[i].begin, expected[i].end);
		}
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &range), VMBASE_ERROR_NOT_FOUND);
	}
	range.end = 0;
	for (uintptr_t begin = 0x1000; begin < 0x7000; begin += 0x2000) {
		assert_int_equal(vmbase_fdt_memory(&fdt, range.end, &range), VMBASE_OK);
		assert_range(range, begin, begin + 0x1000);
		assert_int_equal(vmbase_fdt_free_memory(&fdt, begin, &range), VMBASE_OK);
		assert_range(range, begin, begin + 0x1000);
	}
	assert_int_equal(vmbase_fdt_memory(&fdt, range.end, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_ERROR_OUT_OF_RANGE);
}

// Cell counts that are not numbers give one error for a node, whatever the number of its entries.
static void unreadable_bus_is_one_error(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;
	struct vmbase_range range;

	(void)state;
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_cells(&blob, "#address-cells", (const uint32_t[]){ 3 }, 1);
	add_memory("memory@1", (const uint32_t[]){ 0, 0, 0x1000, 0x1000, 0, 0, 0x3000, 0x1000 }, 8);
	add_memory("memory@2", (const uint32_t[]){ 0, 0, 0x5000, 0x1000 }, 4);
	blob_node(&blob, "reserved-memory");
	blob_cells(&blob, "#size-cells", (const uint32_t[]){ 3 }, 1);
	add_memory("a", (const uint32_t[]){ 0, 0, 0x1000, 0x1000, 0, 0, 0x3000, 0x1000 }, 8);
	add_memory("b", (const uint32_t[]){ 0, 0, 0x5000, 0x1000 }, 4);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &range), VMBASE_ERROR_UNSUPPORTED);
	}
	assert_int_equal(vmbase_fdt_next_memory(&fdt, &iterator, &range), VMBASE_ERROR_NOT_FOUND);
	iterator = (struct vmbase_fdt_iterator){ 0 };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation),
				 VMBASE_ERROR_UNSUPPORTED);
	}
	assert_int_equal(vmbase_fdt_next_reserved(&fdt, &iterator, &reservation), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_ERROR_UNSUPPORTED);
}

// Opens a tree of the folder dts.
static void open_named(const char *name)
{
	blob_read(&blob, name);
	open_blob();
}

static void assert_free(uintptr_t address, uintptr_t begin, uintptr_t end)
{
	struct vmbase_range range;

	assert_int_equal(vmbase_fdt_free_memory(&fdt, address, &range), VMBASE_OK);
	assert_range(range, begin, end);
}

static void free_memory_excludes_reservations(void **state)
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

static void adjacent_memory_ranges_are_joined(void **state)
{
	struct vmbase_range range;

	(void)state;
	assert_int_equal(vmbase_fdt_memory(&fdt, 0, &range), VMBASE_OK);
	assert_range(range, 0x80000000, 0xb0000000);
	assert_int_equal(vmbase_fdt_memory(&fdt, 0x90000001, &range), VMBASE_OK);
	assert_range(range, 0x90000001, 0xb0000000);
	assert_int_equal(vmbase_fdt_memory(&fdt, range.end, &range), VMBASE_OK);
	assert_range(range, 0xc0000000, 0xd0000000);
	assert_int_equal(vmbase_fdt_memory(&fdt, range.end, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_OK);
}

static void ram_of_unusual_trees_is_found(void **state)
{
	struct vmbase_range range;

	(void)state;
	open_named("odd-hole");
	assert_free(0, 0x40000000, 0xfc000000);
	assert_free(0xfc000000, 0x100000000, 0x240000000);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_OK);
	// RAM may begin at address 0.
	open_named("odd-lowram");
	assert_free(0, 0, 0x1000);
	assert_free(0x1000, 0x40000000, 0x50000000);
	open_named("odd-odd-extra");
	assert_free(0, 0x40000000, 0x50000000);
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0x50000000, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_ERROR_CORRUPT);
	// The range is reserved although /reserved-memory has no `ranges`.
	open_named("odd-resv-noranges");
	assert_free(0, 0x40000000, 0x46000000);
	assert_free(0x46000000, 0x46100000, 0x50000000);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_OK);
	// By the specification this node is not RAM, but vmbase_fdt_check_memory() reports it.
	open_named("odd-notype");
	assert_int_equal(vmbase_fdt_free_memory(&fdt, 0, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_check_memory(&fdt), VMBASE_ERROR_CORRUPT);
}

// If each reservation begins at the end of the next one in the list, each needs a walk of its own.
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
	// The reservation covers more than all of RAM.
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
		cmocka_unit_test_setup(memory_needs_its_name_and_its_device_type, open_board),
		cmocka_unit_test_setup(reservations_are_of_both_kinds, open_board),
		cmocka_unit_test(reservation_that_wraps_around_is_cut_at_the_highest_address),
		cmocka_unit_test_setup(free_memory_excludes_reservations, open_board),
		cmocka_unit_test_setup(adjacent_memory_ranges_are_joined, open_board),
		cmocka_unit_test(invalid_entry_does_not_hide_others),
		cmocka_unit_test(unreadable_bus_is_one_error),
		cmocka_unit_test(ram_of_unusual_trees_is_found),
		cmocka_unit_test(a_search_for_free_memory_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
