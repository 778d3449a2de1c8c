// SPDX-License-Identifier: Apache-2.0

// Which UART the console is on.

#include "fdt_fixture.h"

#include <libfdt.h>

#include <string.h>

static void the_console_may_be_named_by_an_alias(void **state)
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

// Makes a copy of the board's blob, with libfdt, in which /chosen names this path.
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
	// Uses reg-offset.
	assert_range(console.registers, 0x10003010, 0x10003020);
	assert_int_equal(console.register_shift, 0);
	assert_int_equal(console.access_bytes, 1);
	assert_string_equal(console.options, "");
}

static void an_unusable_console_is_skipped(void **state)
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

// A tree with one UART that has these properties.
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

static void uart_registers_must_be_inside_its_range(void **state)
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
		{ "arm,sbsa-uart", 0x48, "x", 0, VMBASE_OK },
		{ "arm,sbsa-uart", 0x47, "x", 0, VMBASE_ERROR_NOT_FOUND },
		{ "arm,sbsa", 0x1000, "x", 0, VMBASE_ERROR_NOT_FOUND },
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

static void an_sbsa_uart_is_a_console(void **state)
{
	struct vmbase_fdt_console console;

	(void)state;
	blob_read(&blob, "odd-sbsa");
	open_blob();
	assert_int_equal(vmbase_fdt_console(&fdt, &console), VMBASE_OK);
	assert_int_equal(console.uart, VMBASE_FDT_UART_SBSA);
	assert_range(console.registers, 0x9000000, 0x9001000);
	assert_int_equal(console.access_bytes, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_console_may_be_named_by_an_alias, open_board),
		cmocka_unit_test(stdout_path_comes_before_linuxs_own),
		cmocka_unit_test(an_unusable_console_is_skipped),
		cmocka_unit_test(an_sbsa_uart_is_a_console),
		cmocka_unit_test(uart_registers_must_be_inside_its_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
