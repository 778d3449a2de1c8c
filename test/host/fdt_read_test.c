// SPDX-License-Identifier: Apache-2.0

// Nodes, properties, addresses and devices in a tree that has more than those of VMMs, and less.

#include "blobs.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct blob blob;
static struct vmbase_fdt fdt;
static const struct vmbase_fdt_node root = VMBASE_FDT_ROOT;

static void open_blob(void)
{
	assert_int_equal(vmbase_fdt_open(&fdt, blob_place(&blob, blob.size), blob.size), VMBASE_OK);
}

static int open_board(void **state)
{
	(void)state;
	blob_read(&blob, "board");
	open_blob();
	return 0;
}

static struct vmbase_fdt_node find(const char *path)
{
	struct vmbase_fdt_node node;

	assert_int_equal(vmbase_fdt_find(&fdt, path, &node), VMBASE_OK);
	return node;
}

static void assert_range(struct vmbase_range found, uintptr_t begin, uintptr_t end)
{
	assert_int_equal(found.begin, begin);
	assert_int_equal(found.end, end);
}

static void nodes_come_in_the_order_of_the_tree(void **state)
{
	static const struct {
		const char *name;
		uint32_t depth;
	} expected[] = {
		{ "", 0 },
		{ "aliases", 1 },
		{ "chosen", 1 },
		{ "memory@c0000000", 1 },
	};
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;
	struct vmbase_fdt_node last;
	size_t count = 0;

	(void)state;
	do {
		if (count < COUNT(expected)) {
			assert_string_equal(vmbase_fdt_node_name(&fdt, &node), expected[count].name);
			assert_int_equal(node.depth, expected[count].depth);
		}
		count++;
		last = node;
	} while (vmbase_fdt_next_node(&fdt, &node));
	assert_string_equal(vmbase_fdt_node_name(&fdt, &node), "virtio@3");
	assert_memory_equal(&node, &last, sizeof(node));

	size_t in_dtb = 0;

	for (int offset = 0, depth = 0; offset >= 0 && depth >= 0;
	     offset = fdt_next_node(fdt.blob, offset, &depth)) {
		in_dtb++;
	}
	assert_int_equal(count, in_dtb);
}

static void paths_find_nodes(void **state)
{
	static const struct {
		const char *path;
		const char *name; // or NULL: there is none
	} cases[] = {
		{ "/", "" },
		{ "//", "" },
		{ "/soc", "soc" },
		{ "/soc/", "soc" },
		{ "/soc/bus@20000000/serial@1000", "serial@1000" },
		{ "/soc/bus/serial", "serial@1000" },
		{ "/soc/bus/serial@2000", "serial@2000" },
		{ "/soc//bus/serial:115200", "serial@1000" },
		{ "serial0", "serial@1000" },
		{ "serial0:115200n8", "serial@1000" },
		{ "serial1", "serial@3000" },
		{ "soc/bus/serial@2000:9600/8", "serial@2000" },
		{ "/memory", "memory@c0000000" },
		{ "/memory-controller", "memory-controller@1000" },
		{ "/soc/serial@1000", NULL },
		{ "/chosen/bus", NULL },
		{ "/soc/serial@3000/x", NULL },
		{ "/soc/bus/serial@", NULL },
		{ "/soc/bus/seria", NULL },
		{ "/so", NULL },
		{ "/socket", NULL },
		{ "/bus", NULL },
		{ "", NULL },
		{ ":x", NULL },
		{ "nothing", NULL },
		{ "nowhere", NULL },
		{ "serial0/x", NULL },
		{ "an-alias-that-is-longer-than-a-name-may-be", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vmbase_fdt_node node = { .depth = 77 };
		enum vmbase_error error = vmbase_fdt_find(&fdt, cases[i].path, &node);

		if (cases[i].name == NULL) {
			assert_int_equal(error, VMBASE_ERROR_NOT_FOUND);
			assert_int_equal(node.depth, 77);
		} else {
			assert_int_equal(error, VMBASE_OK);
			assert_string_equal(vmbase_fdt_node_name(&fdt, &node), cases[i].name);
		}
	}
}

static void an_alias_is_a_path_and_no_alias(void **state)
{
	struct vmbase_fdt_node node;

	(void)state;
	assert_int_equal(vmbase_fdt_find(&fdt, "loop", &node), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_find(&fdt, "not-a-string", &node), VMBASE_ERROR_CORRUPT);
}

static void phandles_find_nodes(void **state)
{
	struct vmbase_fdt_node gpio = find("/soc/gpio");
	struct vmbase_fdt_node node;
	uint32_t phandle;

	(void)state;
	assert_int_equal(vmbase_fdt_u32(&fdt, &gpio, "phandle", &phandle), VMBASE_OK);
	assert_int_equal(vmbase_fdt_find_phandle(&fdt, phandle, &node), VMBASE_OK);
	assert_memory_equal(&node, &gpio, sizeof(node.depth) * (1 + gpio.depth + 1));
	assert_int_equal(vmbase_fdt_find_phandle(&fdt, 0x12345678, &node), VMBASE_ERROR_NOT_FOUND);
}

static void compatible_nodes_are_found_one_after_the_other(void **state)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;

	(void)state;
	assert_true(vmbase_fdt_next_compatible(&fdt, &node, "virtio,mmio"));
	assert_string_equal(vmbase_fdt_node_name(&fdt, &node), "virtio@1");
	assert_true(vmbase_fdt_next_compatible(&fdt, &node, "virtio,mmio"));
	assert_true(vmbase_fdt_next_compatible(&fdt, &node, "virtio,mmio"));
	assert_string_equal(vmbase_fdt_node_name(&fdt, &node), "virtio@3");
	assert_false(vmbase_fdt_next_compatible(&fdt, &node, "virtio,mmio"));
	assert_string_equal(vmbase_fdt_node_name(&fdt, &node), "virtio@3");
}

static void compatible_is_a_list_of_whole_strings(void **state)
{
	struct vmbase_fdt_node timer = find("/timer");

	(void)state;
	assert_true(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv7-timer"));
	assert_true(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-timer"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-time"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "armv8-timer"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-timer-and-more"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, ""));
	timer = find("/aliases");
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-timer"));
}

static void a_list_without_its_end_is_not_left(void **state)
{
	(void)state;
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_property(&blob, "compatible", "a\0bcd", 5);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	assert_true(vmbase_fdt_is_compatible(&fdt, &root, "a"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &root, "bcd"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &root, "b"));
}

static void a_node_is_disabled_with_what_it_lies_in(void **state)
{
	static const struct {
		const char *path;
		bool is_enabled;
	} cases[] = {
		{ "/", true },
		{ "/soc/bus/serial@1000", true },
		{ "/soc/bus/serial@2000", false },
		{ "/soc/serial@3000", true },
		{ "/soc/off", false },
		{ "/soc/off/serial@0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vmbase_fdt_node node = find(cases[i].path);

		assert_int_equal(vmbase_fdt_is_enabled(&fdt, &node), cases[i].is_enabled);
	}
}

static void properties_have_their_size_and_form(void **state)
{
	struct vmbase_fdt_node chosen = find("/chosen");
	struct vmbase_fdt_node aliases = find("/aliases");
	size_t size = 77;
	uint32_t word = 77;
	const char *string = "untouched";

	(void)state;
	assert_non_null(vmbase_fdt_property(&fdt, &chosen, "rng-seed", &size));
	assert_int_equal(size, 5);
	assert_null(vmbase_fdt_property(&fdt, &chosen, "rng", &size));
	assert_null(vmbase_fdt_property(&fdt, &chosen, "seed", &size));
	assert_null(vmbase_fdt_property(&fdt, &chosen, "", &size));
	// A node's own alone, not those of nodes inside.
	assert_null(vmbase_fdt_property(&fdt, &root, "rng-seed", &size));
	assert_int_equal(size, 5);

	assert_int_equal(vmbase_fdt_u32(&fdt, &chosen, "rng-seed", &word), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_u32(&fdt, &chosen, "nothing", &word), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(word, 77);
	assert_int_equal(vmbase_fdt_u32(&fdt, &root, "#size-cells", &word), VMBASE_OK);
	assert_int_equal(word, 1);

	assert_int_equal(vmbase_fdt_string(&fdt, &aliases, "not-a-string", &string), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_string(&fdt, &aliases, "nothing", &string), VMBASE_ERROR_NOT_FOUND);
	assert_string_equal(string, "untouched");
	// A list of strings is no string.
	struct vmbase_fdt_node timer = find("/timer");

	assert_int_equal(vmbase_fdt_string(&fdt, &timer, "compatible", &string), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_string(&fdt, &aliases, "soc", &string), VMBASE_OK);
	assert_string_equal(string, "/soc");
}

static void addresses_pass_through_all_ranges(void **state)
{
	struct vmbase_fdt_node node = find("/soc/bus/serial@1000");
	struct vmbase_range range = { 77, 78 };

	(void)state;
	// 0x1000 of the bus is 0x20101000 of soc, and that is 0x30101000.
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x30101000, 0x30101100);
	range = (struct vmbase_range){ 77, 78 };
	// Beyond the end of an entry of ranges; in none; empty; not there.
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 1, &range), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 2, &range), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 3, &range), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 4, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, UINT32_MAX, &range), VMBASE_ERROR_NOT_FOUND);
	assert_range(range, 77, 78);

	node = find("/soc/serial@3000");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x10003000, 0x10003020);
	node = find("/soc/pcie");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_OK);
	assert_range(range, 0x31000000, 0x31200000);
	// A bus without ranges is not the CPU's to address.
	node = find("/soc/private/serial");
	assert_int_equal(vmbase_fdt_reg(&fdt, &node, 0, &range), VMBASE_ERROR_UNSUPPORTED);
	node = find("/soc/off/serial");
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
	// Identity, of any cells.
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 1, 2, 3, 4 }, 4, VMBASE_OK, 0x100000002, 0x400000006 },
	{ { 2, 2 }, { 1, 1 }, to_the_top, 0, { 0x1000, 0x100 }, 2, VMBASE_OK, 0x1000, 0x1100 },
	{ { 2, 2 }, { 1, 0 }, to_the_top, 0, { 7 }, 1, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	// Sums that wrap around, of the device, and of what it is translated to.
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { -1U, -1U, 0, 1 }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0, 1, -1U, -1U }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 1, 2 }, to_the_top, 5, { 0xfff, 0, 1 }, 3, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	{ { 2, 2 }, { 1, 2 }, to_the_top, 5, { 0xffe, 0, 1 }, 3, VMBASE_OK, 0xfffffffffffffffe, -1UL },
	{ { 2, 2 }, { 1, 2 }, to_the_top, 5, { 0x1800, 0, 1 }, 3, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	// What lies in front of an entry is not in it, however its offset wraps around.
	{ { 2, 2 }, { 2, 2 }, from_the_top, 6, { 0, 0, 0, 1 }, 4, VMBASE_ERROR_OUT_OF_RANGE, 0, 0 },
	// Incomplete.
	{ { 2, 2 }, { 2, 2 }, seven_words, 7, { 0, 0, 0, 1 }, 4, VMBASE_ERROR_CORRUPT, 0, 0 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0, 0, 0, 1, 0 }, 5, VMBASE_ERROR_CORRUPT, 0, 0 },
	{ { 2, 2 }, { 2, 2 }, to_the_top, 0, { 0 }, 0, VMBASE_ERROR_NOT_FOUND, 0, 0 },
	// Cells that are no numbers.
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

static void addresses_of_any_bus(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(buses); i++) {
		struct vmbase_range range = { 77, 78 };

		make_bus(&buses[i]);
		struct vmbase_fdt_node device = find("/bus/device");

		print_message("# case %zu\n", i);
		assert_int_equal(vmbase_fdt_reg(&fdt, &device, 0, &range), buses[i].expected);
		if (buses[i].expected == VMBASE_OK) {
			assert_range(range, buses[i].begin, buses[i].end);
		} else {
			assert_range(range, 77, 78);
		}
	}
}

static void cells_have_defaults_and_a_size(void **state)
{
	static const uint32_t reg[] = { 1, 2, 3 };
	static const uint32_t two_words[2];
	struct vmbase_range range;
	struct vmbase_fdt_node device;

	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		blob_begin(&blob);
		blob_node(&blob, "");
		if (wrong == 1) {
			blob_cells(&blob, "#size-cells", two_words, 2);
		}
		blob_node(&blob, "device");
		blob_cells(&blob, "reg", reg, 3);
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		open_blob();
		device = find("/device");
		assert_int_equal(vmbase_fdt_reg(&fdt, &device, 0, &range),
				 wrong == 1 ? VMBASE_ERROR_CORRUPT : VMBASE_OK);
		if (wrong == 0) {
			assert_range(range, 0x100000002, 0x100000005);
		}
	}
}

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

static void the_console_is_what_an_alias_names(void **state)
{
	struct vmbase_fdt_console console;

	(void)state;
	assert_int_equal(vmbase_fdt_console(&fdt, &console), VMBASE_OK);
	assert_int_equal(console.uart, VMBASE_FDT_UART_8250);
	assert_range(console.registers, 0x30101000, 0x30101100);
	assert_int_equal(console.register_shift, 2);
	assert_int_equal(console.access_bytes, 4);
	assert_string_equal(console.options, "115200n8");
}

// Makes another blob of the board's by libfdt, in which /chosen names this path.
static void choose(const char *path)
{
	blob_read(&blob, "board");
	assert_int_equal(fdt_open_into(blob.bytes, blob.bytes, 8192), 0);
	assert_int_equal(fdt_setprop(blob.bytes, fdt_path_offset(blob.bytes, "/chosen"), "stdout-path", path,
				     (int)strlen(path) + 1),
			 0);
	blob.size = 8192;
	open_blob();
}

static void stdout_path_comes_before_linuxs_own(void **state)
{
	struct vmbase_fdt_console console;

	(void)state;
	choose("/soc/serial@3000");
	assert_int_equal(vmbase_fdt_console(&fdt, &console), VMBASE_OK);
	assert_int_equal(console.uart, VMBASE_FDT_UART_8250);
	// By reg-offset.
	assert_range(console.registers, 0x10003010, 0x10003020);
	assert_int_equal(console.register_shift, 0);
	assert_int_equal(console.access_bytes, 1);
	assert_string_equal(console.options, "");
}

static void a_console_that_cannot_be_used_is_passed_over(void **state)
{
	static const char *const paths[] = {
		"/nothing", "/soc/bus/serial@2000", "/soc/private/serial", "/soc/off/serial", "/timer", "loop",
		"",
	};
	struct vmbase_fdt_console console;

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		choose(paths[i]);
		assert_int_equal(vmbase_fdt_console(&fdt, &console), VMBASE_OK);
		assert_range(console.registers, 0x30101000, 0x30101100);
		assert_string_equal(console.options, "");
	}
}

// A tree with one UART, of these properties.
static enum vmbase_error uart_console(const char *compatible, uint32_t size, const char *property,
				      uint32_t value, struct vmbase_fdt_console *console)
{
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "serial");
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, size }, 3);
	blob_cells(&blob, property, &value, strcmp(property, "wrong") == 0 ? 0 : 1);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	return vmbase_fdt_console(&fdt, console);
}

static void a_uarts_registers_lie_in_its_range(void **state)
{
	static const struct {
		const char *compatible;
		uint32_t size;
		const char *property;
		uint32_t value;
		enum vmbase_error expected;
	} cases[] = {
		{ "ns16550a", 8, "x", 0, VMBASE_OK },
		{ "ns16550", 8, "x", 0, VMBASE_OK },
		{ "ns8250", 7, "x", 0, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 29, "reg-shift", 2, VMBASE_OK },
		{ "ns16550a", 28, "reg-shift", 2, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0xffffffff, "reg-shift", 15, VMBASE_OK },
		{ "ns16550a", 0xffffffff, "reg-shift", 16, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0xffffffff, "reg-shift", 0xffffffff, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 11, "reg-io-width", 4, VMBASE_OK },
		{ "ns16550a", 10, "reg-io-width", 4, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0x1000, "reg-io-width", 2, VMBASE_OK },
		{ "ns16550a", 0x1000, "reg-io-width", 0, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0x1000, "reg-io-width", 3, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0x1000, "reg-io-width", 8, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0x1000, "reg-offset", 0xff8, VMBASE_OK },
		{ "ns16550a", 0x1000, "reg-offset", 0xff9, VMBASE_ERROR_NOT_FOUND },
		{ "ns16550a", 0x1000, "reg-offset", 0xffffffff, VMBASE_ERROR_NOT_FOUND },
		{ "arm,pl011", 0x48, "x", 0, VMBASE_OK },
		{ "arm,pl011", 0x47, "x", 0, VMBASE_ERROR_NOT_FOUND },
		{ "arm,sbsa-uart", 0x1000, "x", 0, VMBASE_ERROR_NOT_FOUND },
	};
	struct vmbase_fdt_console console;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(uart_console(cases[i].compatible, cases[i].size, cases[i].property,
					      cases[i].value, &console),
				 cases[i].expected);
	}
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "serial");
	blob_property(&blob, "compatible", "ns16550a", sizeof("ns16550a"));
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 8 }, 3);
	blob_property(&blob, "reg-shift", "ab", 2);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	assert_int_equal(vmbase_fdt_console(&fdt, &console), VMBASE_ERROR_NOT_FOUND);
}

static void an_initrd_has_a_beginning_before_its_end(void **state)
{
	struct vmbase_range initrd = { 77, 78 };

	(void)state;
	assert_int_equal(vmbase_fdt_initrd(&fdt, &initrd), VMBASE_ERROR_OUT_OF_RANGE);
	for (size_t size = 0; size <= 12; size++) {
		if (size == 4 || size == 8) {
			continue;
		}
		blob_begin(&blob);
		blob_node(&blob, "");
		blob_node(&blob, "chosen");
		blob_property(&blob, "linux,initrd-start", "\0\0\0\0\0\0\0\0\0\0\0", size);
		blob_property(&blob, "bootargs", "abc", size % 3);
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		open_blob();
		const char *bootargs;

		assert_int_equal(vmbase_fdt_initrd(&fdt, &initrd), VMBASE_ERROR_CORRUPT);
		assert_int_equal(vmbase_fdt_bootargs(&fdt, &bootargs), VMBASE_ERROR_CORRUPT);
	}
	assert_range(initrd, 77, 78);
}

static void without_chosen_there_is_none_of_it(void **state)
{
	struct vmbase_range initrd;
	const char *bootargs;
	const void *seed;
	size_t size;
	unsigned char *place;

	(void)state;
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	place = blob_place(&blob, blob.size);
	assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
	assert_int_equal(vmbase_fdt_bootargs(&fdt, &bootargs), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_initrd(&fdt, &initrd), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_wipe_rng_seed(&fdt, place), VMBASE_ERROR_NOT_FOUND);
}

static void a_wiped_seed_is_gone_and_nothing_else(void **state)
{
	static struct blob before;
	unsigned char *place;
	const void *seed;
	size_t size;
	size_t changed = 0;

	(void)state;
	for (size_t bytes = 0; bytes < 9; bytes++) {
		blob_begin(&blob);
		blob_node(&blob, "");
		blob_node(&blob, "chosen");
		blob_property(&blob, "bootargs", "a", 2);
		blob_property(&blob, "rng-seed", "12345678", bytes);
		blob_property(&blob, "stdout-path", "/", 2);
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		place = blob_place(&blob, blob.size);
		assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
		memcpy(before.bytes, place, blob.size);
		assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_OK);
		assert_int_equal(size, bytes);
		const size_t offset = (size_t)((const unsigned char *)seed - place);

		assert_int_equal(vmbase_fdt_wipe_rng_seed(&fdt, place), VMBASE_OK);
		assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_ERROR_NOT_FOUND);
		assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
		for (size_t i = 0; i < blob.size; i++) {
			if (i < offset - 12 || i >= offset + (bytes + 3) / 4 * 4) {
				assert_int_equal(place[i], before.bytes[i]);
			} else {
				assert_int_equal(place[i], i % 4 == 3 ? FDT_NOP : 0);
				changed++;
			}
		}
		struct vmbase_fdt_node chosen = find("/chosen");

		assert_non_null(vmbase_fdt_property(&fdt, &chosen, "bootargs", &size));
		assert_non_null(vmbase_fdt_property(&fdt, &chosen, "stdout-path", &size));
	}
	assert_true(changed > 0);
}

static void make_psci(const char *name, const char *compatible, const char *method, size_t method_size)
{
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, name);
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_property(&blob, "method", method, method_size);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
}

static void psci_has_a_method(void **state)
{
	enum vmbase_smccc_conduit conduit = (enum vmbase_smccc_conduit)77;

	(void)state;
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_NOT_FOUND);
	make_psci("psci", "arm,psci-2.0", "hvc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_NOT_FOUND);
	make_psci("psci", "arm,psci", "hvx", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_CORRUPT);
	make_psci("psci", "arm,psci", "hvc", 3);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_CORRUPT);
	assert_int_equal(conduit, 77);
	make_psci("psci", "arm,psci", "hvc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, VMBASE_SMCCC_HVC);
	make_psci("psci", "arm,psci-0.2", "smc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, VMBASE_SMCCC_SMC);
}

static void a_gic_may_have_several_regions(void **state)
{
	struct vmbase_fdt_gic gic;
	struct vmbase_range region;

	(void)state;
	assert_int_equal(vmbase_fdt_gic(&fdt, &gic), VMBASE_OK);
	assert_int_equal(gic.version, 3);
	assert_int_equal(gic.redistributor_regions, 2);
	assert_range(gic.redistributors, 0x80a0000, 0x80c0000);
	assert_int_equal(vmbase_fdt_reg(&fdt, &gic.node, 2, &region), VMBASE_OK);
	assert_range(region, 0x80c0000, 0x8100000);
}

static enum vmbase_error gic_of(const char *compatible, size_t reg_count, const char *regions,
				size_t regions_size)
{
	struct vmbase_fdt_gic gic;

	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "intc");
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_property(&blob, "#redistributor-regions", regions, regions_size);
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 0x1000, 0, 0x2000, 0x1000 }, reg_count);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	return vmbase_fdt_gic(&fdt, &gic);
}

static void a_gic_has_both_of_its_ranges(void **state)
{
	(void)state;
	assert_int_equal(gic_of("arm,gic-400", 6, "\0\0\0\1", 4), VMBASE_OK);
	assert_int_equal(gic_of("arm,gic-v3", 6, "\0\0\0\1", 4), VMBASE_OK);
	assert_int_equal(gic_of("arm,gic-v4", 6, "\0\0\0\1", 4), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(gic_of("arm,gic-v3", 3, "\0\0\0\1", 4), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(gic_of("arm,gic-400", 0, "\0\0\0\1", 4), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(gic_of("arm,gic-v3", 6, "\0\1", 2), VMBASE_ERROR_CORRUPT);
}

static void interrupts_are_the_gics_numbers(void **state)
{
	struct vmbase_fdt_node node = find("serial0");
	struct vmbase_fdt_interrupt interrupt = { 77, false };
	struct vmbase_fdt_timer timer;

	(void)state;
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 1, &interrupt), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 2, &interrupt), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 3, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 4, &interrupt), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(interrupt.intid, 77);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_OK);
	assert_int_equal(interrupt.intid, 132);
	assert_false(interrupt.is_edge_triggered);
	assert_int_equal(vmbase_fdt_timer(&fdt, &timer), VMBASE_OK);
	assert_int_equal(timer.physical_el1.intid, 30);
	assert_int_equal(timer.virtual_el1.intid, 27);
	assert_true(timer.virtual_el1.is_edge_triggered);
}

static void interrupts_of_another_controller_are_not_followed(void **state)
{
	struct vmbase_fdt_interrupt interrupt;
	struct vmbase_fdt_node node = find("/soc/serial@3000");

	(void)state;
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	// Its own interrupt parent, and the controller that a node lies in.
	node = find("/soc/gpio");
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	node = find("/soc/gpio/child");
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	node = find("/memory");
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_NOT_FOUND);
}

// Two nodes that name each other as interrupt parent, themselves, nobody, or by something that is no phandle.
static enum vmbase_error interrupt_of(uint32_t phandle, size_t count, bool is_gic, uint32_t cells)
{
	static const uint32_t interrupts[] = { 0, 1, 4, 0, 0 };
	struct vmbase_fdt_interrupt interrupt;

	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "a");
	blob_cells(&blob, "phandle", (const uint32_t[]){ 1 }, 1);
	blob_cells(&blob, "interrupt-parent", (const uint32_t[]){ 2 }, 1);
	blob_tag(&blob, FDT_END_NODE);
	blob_node(&blob, "b");
	blob_cells(&blob, "phandle", (const uint32_t[]){ 2 }, 1);
	if (count <= 1) {
		blob_cells(&blob, "interrupt-parent", &phandle, count);
	} else {
		blob_property(&blob, "interrupt-parent", &phandle, 3);
	}
	blob_cells(&blob, "interrupts", interrupts, 5);
	if (is_gic) {
		blob_property(&blob, "compatible", "arm,gic-v3", sizeof("arm,gic-v3"));
		blob_cells(&blob, "#interrupt-cells", &cells, 1);
	}
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	struct vmbase_fdt_node node = find("/b");

	return vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt);
}

static void phandles_in_a_circle_are_an_error(void **state)
{
	(void)state;
	assert_int_equal(interrupt_of(1, 1, false, 0), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(interrupt_of(2, 1, false, 0), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(interrupt_of(3, 1, false, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(3, 0, false, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(3, 2, false, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(2, 1, true, 2), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(interrupt_of(2, 1, true, 3), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(2, 1, true, 5), VMBASE_ERROR_UNSUPPORTED);
}

static void without_a_timer_there_are_no_interrupts_of_it(void **state)
{
	struct vmbase_fdt_timer timer;

	(void)state;
	make_psci("timer", "arm,armv7-timer", "", 1);
	assert_int_equal(vmbase_fdt_timer(&fdt, &timer), VMBASE_ERROR_NOT_FOUND);
	make_psci("timer", "arm,armv8-timer", "", 1);
	assert_int_equal(vmbase_fdt_timer(&fdt, &timer), VMBASE_ERROR_NOT_FOUND);
}

static void virtio_devices_go_on_behind_a_bad_one(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_virtio_mmio virtio;

	(void)state;
	// It has no interrupt. (A list's end is told by the iterator, which has not moved.)
	assert_int_equal(vmbase_fdt_next_virtio_mmio(&fdt, &iterator, &virtio), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_next_virtio_mmio(&fdt, &iterator, &virtio), VMBASE_OK);
	assert_range(virtio.registers, 0xa000400, 0xa000600);
	assert_int_equal(virtio.interrupt.intid, 33);
	assert_int_equal(vmbase_fdt_next_virtio_mmio(&fdt, &iterator, &virtio), VMBASE_ERROR_NOT_FOUND);
}

static void a_host_bridges_windows_are_of_each_kind(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_pci_host host;
	struct vmbase_fdt_pci_window window;

	(void)state;
	assert_int_equal(vmbase_fdt_next_pci_host(&fdt, &iterator, &host), VMBASE_OK);
	assert_true(host.is_ecam);
	assert_range(host.configuration, 0x31000000, 0x31200000);
	assert_int_equal(host.first_bus, 4);
	assert_int_equal(host.last_bus, 5);

	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 0, &window), VMBASE_OK);
	assert_int_equal(window.space, VMBASE_FDT_PCI_IO);
	assert_int_equal(window.bus_address, 0);
	assert_range(window.range, 0x32000000, 0x32010000);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 1, &window), VMBASE_OK);
	assert_int_equal(window.space, VMBASE_FDT_PCI_MEMORY_32);
	assert_false(window.is_prefetchable);
	assert_int_equal(window.bus_address, 0x40000000);
	assert_range(window.range, 0x33000000, 0x33100000);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 2, &window), VMBASE_OK);
	assert_int_equal(window.space, VMBASE_FDT_PCI_MEMORY_64);
	assert_true(window.is_prefetchable);
	assert_int_equal(window.bus_address, 0x100000000);
	assert_range(window.range, 0x34000000, 0x34100000);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 3, &window), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 4, &window), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 5, &window), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 6, &window), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 7, &window), VMBASE_ERROR_NOT_FOUND);
}

// A host bridge with these buses and a configuration space of `size` bytes.
static enum vmbase_error bridge_of(const char *compatible, uint32_t size, const uint32_t *buses, size_t count)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_pci_host host;
	struct vmbase_fdt_pci_window window;

	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "pcie");
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, size }, size == 0 ? 2 : 3);
	blob_cells(&blob, "ranges", (const uint32_t[]){ 0, 0, 0, 0 }, 4);
	if (buses != NULL) {
		blob_cells(&blob, "bus-range", buses, count);
	}
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	enum vmbase_error error = vmbase_fdt_next_pci_host(&fdt, &iterator, &host);

	if (error == VMBASE_OK) {
		// Its addresses are numbers, not PCI's.
		assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 0, &window), VMBASE_ERROR_UNSUPPORTED);
	}
	return error;
}

static void configuration_space_is_large_enough_for_its_buses(void **state)
{
	static const char ecam[] = "pci-host-ecam-generic";
	static const char cam[] = "pci-host-cam-generic";

	(void)state;
	assert_int_equal(bridge_of(ecam, 0x10000000, NULL, 0), VMBASE_OK);
	assert_int_equal(bridge_of(ecam, 0x0fffffff, NULL, 0), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x200000, (const uint32_t[]){ 7, 8 }, 2), VMBASE_OK);
	assert_int_equal(bridge_of(ecam, 0x1fffff, (const uint32_t[]){ 7, 8 }, 2), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(cam, 0x20000, (const uint32_t[]){ 7, 8 }, 2), VMBASE_OK);
	assert_int_equal(bridge_of(cam, 0x1ffff, (const uint32_t[]){ 7, 8 }, 2), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x20000000, (const uint32_t[]){ 8, 7 }, 2), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x20000000, (const uint32_t[]){ 0, 256 }, 2),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x20000000, (const uint32_t[]){ 0 }, 1), VMBASE_ERROR_CORRUPT);
	assert_int_equal(bridge_of(ecam, 0, NULL, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(bridge_of("pci", 0x10000000, NULL, 0), VMBASE_ERROR_NOT_FOUND);
}

static void a_host_bridges_ranges_are_whole_entries(void **state)
{
	static const uint32_t ranges[8] = { 0x02000000, 0, 0x1000, 0, 0x1000, 0, 0x1000 };
	struct vmbase_fdt_pci_window window;

	(void)state;
	for (size_t count = 0; count <= 8; count++) {
		struct vmbase_fdt_iterator iterator = { 0 };
		struct vmbase_fdt_pci_host host;

		blob_begin(&blob);
		blob_node(&blob, "");
		blob_node(&blob, "pcie");
		blob_property(&blob, "compatible", "pci-host-cam-generic", sizeof("pci-host-cam-generic"));
		blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 0x1000000 }, 3);
		blob_cells(&blob, "#address-cells", (const uint32_t[]){ 3 }, 1);
		// With two of them wrong, the property itself is.
		blob_cells(&blob, "#size-cells", (const uint32_t[]){ 2, 2 }, count == 8 ? 2 : 1);
		if (count > 0) {
			blob_cells(&blob, "ranges", ranges, count);
		}
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		open_blob();
		assert_int_equal(vmbase_fdt_next_pci_host(&fdt, &iterator, &host), VMBASE_OK);
		assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 0, &window),
				 count == 0   ? VMBASE_ERROR_NOT_FOUND
				 : count == 7 ? VMBASE_OK
					      : VMBASE_ERROR_CORRUPT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nodes_come_in_the_order_of_the_tree, open_board),
		cmocka_unit_test_setup(paths_find_nodes, open_board),
		cmocka_unit_test_setup(an_alias_is_a_path_and_no_alias, open_board),
		cmocka_unit_test_setup(phandles_find_nodes, open_board),
		cmocka_unit_test_setup(compatible_nodes_are_found_one_after_the_other, open_board),
		cmocka_unit_test_setup(compatible_is_a_list_of_whole_strings, open_board),
		cmocka_unit_test(a_list_without_its_end_is_not_left),
		cmocka_unit_test_setup(a_node_is_disabled_with_what_it_lies_in, open_board),
		cmocka_unit_test_setup(properties_have_their_size_and_form, open_board),
		cmocka_unit_test_setup(addresses_pass_through_all_ranges, open_board),
		cmocka_unit_test(addresses_of_any_bus),
		cmocka_unit_test(cells_have_defaults_and_a_size),
		cmocka_unit_test_setup(memory_is_what_says_so_twice, open_board),
		cmocka_unit_test_setup(reservations_are_of_both_kinds, open_board),
		cmocka_unit_test(a_reservation_that_wraps_around_is_refused),
		cmocka_unit_test_setup(free_memory_is_what_no_reservation_has, open_board),
		cmocka_unit_test(a_search_for_free_memory_has_a_bound),
		cmocka_unit_test_setup(the_console_is_what_an_alias_names, open_board),
		cmocka_unit_test(stdout_path_comes_before_linuxs_own),
		cmocka_unit_test(a_console_that_cannot_be_used_is_passed_over),
		cmocka_unit_test(a_uarts_registers_lie_in_its_range),
		cmocka_unit_test_setup(an_initrd_has_a_beginning_before_its_end, open_board),
		cmocka_unit_test(without_chosen_there_is_none_of_it),
		cmocka_unit_test(a_wiped_seed_is_gone_and_nothing_else),
		cmocka_unit_test_setup(psci_has_a_method, open_board),
		cmocka_unit_test_setup(a_gic_may_have_several_regions, open_board),
		cmocka_unit_test(a_gic_has_both_of_its_ranges),
		cmocka_unit_test_setup(interrupts_are_the_gics_numbers, open_board),
		cmocka_unit_test_setup(interrupts_of_another_controller_are_not_followed, open_board),
		cmocka_unit_test(phandles_in_a_circle_are_an_error),
		cmocka_unit_test(without_a_timer_there_are_no_interrupts_of_it),
		cmocka_unit_test_setup(virtio_devices_go_on_behind_a_bad_one, open_board),
		cmocka_unit_test_setup(a_host_bridges_windows_are_of_each_kind, open_board),
		cmocka_unit_test(configuration_space_is_large_enough_for_its_buses),
		cmocka_unit_test(a_host_bridges_ranges_are_whole_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
