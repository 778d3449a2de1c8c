// SPDX-License-Identifier: Apache-2.0

// Nodes, paths, aliases and properties.

#include "fdt_fixture.h"

#include <libfdt.h>

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
		const char *name; // NULL: no such node
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

static void an_alias_must_be_a_path(void **state)
{
	struct vmbase_fdt_node node;

	(void)state;
	assert_int_equal(vmbase_fdt_find(&fdt, "loop", &node), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_find(&fdt, "not-a-string", &node), VMBASE_ERROR_CORRUPT);
}

static void phandles_find_nodes(void **state)
{
	struct vmbase_fdt_node gpio = find_node("/soc/gpio");
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
	struct vmbase_fdt_node timer = find_node("/timer");

	(void)state;
	assert_true(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv7-timer"));
	assert_true(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-timer"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-time"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "armv8-timer"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-timer-and-more"));
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, ""));
	timer = find_node("/aliases");
	assert_false(vmbase_fdt_is_compatible(&fdt, &timer, "arm,armv8-timer"));
}

static void unterminated_compatible_list_is_not_read_past_its_end(void **state)
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

static void a_node_in_a_disabled_node_is_disabled(void **state)
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
		struct vmbase_fdt_node node = find_node(cases[i].path);

		assert_int_equal(vmbase_fdt_is_enabled(&fdt, &node), cases[i].is_enabled);
	}
}

static void properties_are_read_with_size_and_type(void **state)
{
	struct vmbase_fdt_node chosen = find_node("/chosen");
	struct vmbase_fdt_node aliases = find_node("/aliases");
	size_t size = 77;
	uint32_t word = 77;
	const char *string = "untouched";

	(void)state;
	assert_non_null(vmbase_fdt_property(&fdt, &chosen, "rng-seed", &size));
	assert_int_equal(size, 5);
	assert_null(vmbase_fdt_property(&fdt, &chosen, "rng", &size));
	assert_null(vmbase_fdt_property(&fdt, &chosen, "seed", &size));
	assert_null(vmbase_fdt_property(&fdt, &chosen, "", &size));
	// Only the node's own properties, not those of child nodes.
	assert_null(vmbase_fdt_property(&fdt, &root, "rng-seed", &size));
	assert_int_equal(size, 5);

	assert_int_equal(vmbase_fdt_u32(&fdt, &chosen, "rng-seed", &word), VMBASE_OK);
	assert_int_equal(word, 0x01020304);
	assert_int_equal(vmbase_fdt_u32(&fdt, &aliases, "short", &word), VMBASE_ERROR_CORRUPT);
	word = 77;
	assert_int_equal(vmbase_fdt_u32(&fdt, &chosen, "nothing", &word), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(word, 77);
	assert_int_equal(vmbase_fdt_u32(&fdt, &root, "#size-cells", &word), VMBASE_OK);
	assert_int_equal(word, 1);

	assert_int_equal(vmbase_fdt_string(&fdt, &aliases, "not-a-string", &string), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_string(&fdt, &aliases, "nothing", &string), VMBASE_ERROR_NOT_FOUND);
	assert_string_equal(string, "untouched");
	// The first string of a list.
	struct vmbase_fdt_node timer = find_node("/timer");

	assert_int_equal(vmbase_fdt_string(&fdt, &timer, "compatible", &string), VMBASE_OK);
	assert_string_equal(string, "arm,armv7-timer");
	assert_int_equal(vmbase_fdt_string(&fdt, &aliases, "soc", &string), VMBASE_OK);
	assert_string_equal(string, "/soc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nodes_come_in_the_order_of_the_tree, open_board),
		cmocka_unit_test_setup(paths_find_nodes, open_board),
		cmocka_unit_test_setup(an_alias_must_be_a_path, open_board),
		cmocka_unit_test_setup(phandles_find_nodes, open_board),
		cmocka_unit_test_setup(compatible_nodes_are_found_one_after_the_other, open_board),
		cmocka_unit_test_setup(compatible_is_a_list_of_whole_strings, open_board),
		cmocka_unit_test(unterminated_compatible_list_is_not_read_past_its_end),
		cmocka_unit_test_setup(a_node_in_a_disabled_node_is_disabled, open_board),
		cmocka_unit_test_setup(properties_are_read_with_size_and_type, open_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
