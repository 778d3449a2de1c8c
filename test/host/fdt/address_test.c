// SPDX-License-Identifier: Apache-2.0

// Addresses, from bus to bus.

#include "fdt_fixture.h"

#include <libfdt.h>

static void addresses_pass_through_all_ranges(void **state)
{
	struct vmbase_fdt_node node = find_node("/soc/bus/serial@1000");
	struct vmbase_range range = { 77, 78 };

	(void)state;
	// Bus address 0x1000 is 0x20101000 on soc, and 0x30101000 for the CPU.
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x30101000, 0x30101100);
	range = (struct vmbase_range){ 77, 78 };
	// Past the end of an entry of ranges; in no entry; an empty range; no such entry of reg.
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 1, &range), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 2, &range), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 3, &range), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 4, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, UINT32_MAX, &range), VMBASE_ERROR_NOT_FOUND);
	assert_range(range, 77, 78);

	node = find_node("/soc/serial@3000");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x10003000, 0x10003020);
	node = find_node("/soc/pcie");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x31000000, 0x31200000);
	// The CPU cannot address a bus that has no `ranges` property.
	node = find_node("/soc/private/serial");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_ERROR_UNSUPPORTED);
	node = find_node("/soc/off/serial");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x10000000, 0x10001000);
	assert_int_equal(vmbase_fdt_reg(&fdt, &root, 0, &range), VMBASE_ERROR_NOT_FOUND);
}

// A tree of one device on a bus, with these properties; NULL leaves one out.
struct bus {
	uint32_t root_cells[2];
	uint32_t cells[2];
	const uint32_t *ranges;
	size_t ranges_count;
	uint32_t reg[6];
	size_t reg_count;
	enum vmbase_error expected;
	uint64_t begin;
	uint64_t end;
};

static const uint32_t to_the_top[] = { 0, 0xffffffff, 0xfffff000, 0, 0x2000 };
static const uint32_t from_the_top[] = { 0xffffffff, 0xfffff000, 0, 0x1000, 0, 0x2000 };
static const uint32_t seven_words[] = { 0, 0, 1, 0, 0, 0x1000, 0 };

static const struct bus buses[] = {
	{ { 2, 2 }, { 2, 2 }, NULL, 0, { 0, 0x1000, 0, 0x100 }, 4, VMBASE_ERROR_UNSUPPORTED, 0, 0 },
	// Identity, with any numbers of cells.
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 1, 2, 3, 4 }, 4, VMBASE_OK, 0x100000002, 0x400000006 },
	{ { 2, 2 }, { 1, 1 }, to_the_top, 0, { 0x1000, 0x100 }, 2, VMBASE_OK, 0x1000, 0x1100 },
	{ { 2, 2 }, { 1, 0 }, to_the_top, 0, { 7 }, 1, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	// Sums that wrap around: the end of the device's range, and the end of the translated range.
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { -1U, -1U, 0, 1 }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0, 1, -1U, -1U }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 1, 2 }, to_the_top, 5, { 0xfff, 0, 1 }, 3, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 1, 2 }, to_the_top, 5, { 0xffe, 0, 1 }, 3, VMBASE_OK, 0xfffffffffffffffe, -1UL },
	{ { 2, 2 }, { 1, 2 }, to_the_top, 5, { 0x1800, 0, 1 }, 3, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	// An address below an entry is not in the entry, even if its offset wraps around.
	{ { 2, 2 }, { 2, 2 }, from_the_top, 6, { 0, 0, 0, 1 }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	// Incomplete entries.
	{ { 2, 2 }, { 2, 2 }, to_the_top, 5, { 0, 0, 0, 1 }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0, 0, 0 }, 3, VMBASE_ERROR_CORRUPT, 0, 0 },
	// Complete entries are read.
	{ { 2, 2 }, { 2, 2 }, seven_words, 7, { 0, 0, 0, 1 }, 4, VMBASE_OK, 0x100000000, 0x100000001 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0, 0, 0, 1, 0 }, 5, VMBASE_OK, 0, 1 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0 }, 0, VMBASE_ERROR_NOT_FOUND, 0, 0 },
	// Cell counts that are not numbers.
	{ { 2, 2 }, { 3, 2 }, to_the_top, 0, { 0, 0, 0, 0, 1 }, 5, VMBASE_ERROR_UNSUPPORTED, 0, 0 },
	{ { 2, 2 }, { 0, 1 }, to_the_top, 0, { 0 }, 1, VMBASE_ERROR_UNSUPPORTED, 0, 0 },
	{ { 2, 2 }, { 2, 3 }, to_the_top, 0, { 0, 0, 0, 0, 1 }, 5, VMBASE_ERROR_UNSUPPORTED, 0, 0 },
	{ { 2, 2 }, { 0x40000000, 0x40000000 }, to_the_top, 0, { 0 }, 1, VMBASE_ERROR_UNSUPPORTED, 0, 0 },
	{ { 3, 2 }, { 2, 2 }, seven_words, 7, { 0, 0, 0, 1 }, 4, VMBASE_ERROR_UNSUPPORTED, 0, 0 },
};

static void make_bus(const struct bus *bus)
{
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_cells(&blob, "#address-cells", &bus->root_cells[0], 1);
	blob_cells(&blob, "#size-cells", &bus->root_cells[1], 1);
	blob_node(&blob, "bus");
	blob_cells(&blob, "#address-cells", &bus->cells[0], 1);
	blob_cells(&blob, "#size-cells", &bus->cells[1], 1);
	if (bus->ranges != NULL) {
		blob_cells(&blob, "ranges", bus->ranges, bus->ranges_count);
	}
	blob_node(&blob, "device");
	blob_cells(&blob, "reg", bus->reg, bus->reg_count);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
}

static void an_incomplete_entry_is_an_error_after_the_complete_ones(void **state)
{
	static const struct bus bus = {
		{ 2, 2 }, { 2, 2 }, to_the_top, 0, { 0, 0, 0, 1, 0 }, 5, VMBASE_OK, 0, 1
	};
	struct vmbase_range range;

	(void)state;
	make_bus(&bus);
	struct vmbase_fdt_node device = find_node("/bus/device");

	assert_int_equal(vmbase_fdt_reg(&fdt, &device, 0, &range), VMBASE_OK);
	assert_int_equal(vmbase_fdt_reg(&fdt, &device, 1, &range), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_reg(&fdt, &device, 2, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_reg(&fdt, &device, UINT32_MAX, &range), VMBASE_ERROR_NOT_FOUND);
}

static void addresses_are_translated_on_any_bus(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(buses); i++) {
		struct vmbase_range range = { 77, 78 };

		make_bus(&buses[i]);
		struct vmbase_fdt_node device = find_node("/bus/device");

		print_message("# case %zu\n", i);
		assert_int_equal(vmbase_fdt_reg(&fdt, &device, 0, &range), buses[i].expected);
		if (buses[i].expected == VMBASE_OK) {
			assert_range(range, buses[i].begin, buses[i].end);
		} else {
			assert_range(range, 77, 78);
		}
	}
}

static void cell_counts_have_defaults_and_limits(void **state)
{
	static const uint32_t reg[] = { 1, 2, 3 };
	struct vmbase_range range;
	struct vmbase_fdt_node device;

	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		blob_begin(&blob);
		blob_node(&blob, "");
		if (wrong == 1) {
			blob_property(&blob, "#size-cells", "\0\0\1", 3);
		}
		blob_node(&blob, "device");
		blob_cells(&blob, "reg", reg, 3);
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		open_blob();
		device = find_node("/device");
		assert_int_equal(vmbase_fdt_reg(&fdt, &device, 0, &range),
				 wrong == 1 ? VMBASE_ERROR_CORRUPT : VMBASE_OK);
		if (wrong == 0) {
			assert_range(range, 0x100000002, 0x100000005);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(addresses_pass_through_all_ranges, open_board),
		cmocka_unit_test(addresses_are_translated_on_any_bus),
		cmocka_unit_test(an_incomplete_entry_is_an_error_after_the_complete_ones),
		cmocka_unit_test(cell_counts_have_defaults_and_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
