// SPDX-License-Identifier: Apache-2.0

// Finds the console's UART.

#include "tree.h"

#include <string.h>

static const struct vmb_fdt_match uarts[] = {
	{ "arm,pl011", VMBASE_FDT_UART_PL011 },    { "ns16550a", VMBASE_FDT_UART_8250 },
	{ "ns16550", VMBASE_FDT_UART_8250 },       { "ns16450", VMBASE_FDT_UART_8250 },
	{ "ns8250", VMBASE_FDT_UART_8250 },        { "snps,dw-apb-uart", VMBASE_FDT_UART_8250 },
	{ "arm,sbsa-uart", VMBASE_FDT_UART_SBSA },
};

// The registers that `reg` must contain, for any driver: eight of an 8250, and those of a PL011 or SBSA UART up
// to UARTICR.
#define REGISTERS_8250 8
#define PL011_BYTES 0x48

// Registers are at most 32 KiB apart.
#define SHIFT_MAX 15

// Reads a 32-bit number. *value keeps its default if the property is missing.
static enum vmbase_error read_optional_u32(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
					   const char *name, uint32_t *value)
{
	enum vmbase_error error = vmbase_fdt_u32(fdt, node, name, value);

	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_OK : error;
}

// Describes the UART at a node. Returns false if the node is not a UART, or if the UART cannot be used.
static bool describe_uart(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
			  struct vmbase_fdt_console *console)
{
	unsigned int uart;
	struct vmbase_range registers;
	uint32_t shift = 0;
	uint32_t width;
	uint32_t offset = 0;
	uint64_t needed_bytes;

	if (!VMB_FDT_MATCH(fdt, node, uarts, &uart) || !vmbase_fdt_is_enabled(fdt, node) ||
	    vmbase_fdt_reg(fdt, node, 0, &registers) != VMBASE_OK) {
		return false;
	}
	width = uart == VMBASE_FDT_UART_8250 ? sizeof(uint8_t) : sizeof(uint32_t);
	if (read_optional_u32(fdt, node, "reg-shift", &shift) != VMBASE_OK ||
	    read_optional_u32(fdt, node, "reg-io-width", &width) != VMBASE_OK ||
	    read_optional_u32(fdt, node, "reg-offset", &offset) != VMBASE_OK) {
		return false;
	}
	if (shift > SHIFT_MAX || (width != 1 && width != 2 && width != 4)) {
		return false;
	}
	needed_bytes =
		uart == VMBASE_FDT_UART_8250 ? ((REGISTERS_8250 - UINT64_C(1)) << shift) + width : PL011_BYTES;
	if (registers.end - registers.begin < offset + needed_bytes) {
		return false;
	}
	registers.begin += offset;
	*console = (struct vmbase_fdt_console){
		.uart = (enum vmbase_fdt_uart)uart,
		.registers = registers,
		.register_shift = (uint8_t)shift,
		.access_bytes = (uint8_t)width,
		.options = "",
	};
	return true;
}

// Describes the UART that /chosen names.
static bool describe_chosen_uart(const struct vmbase_fdt *fdt, struct vmbase_fdt_console *console)
{
	struct vmbase_fdt_node node;
	const char *path;
	const char *options;

	if (vmb_fdt_find_known(fdt, fdt->chosen, "/chosen", &node) != VMBASE_OK ||
	    (vmbase_fdt_string(fdt, &node, "stdout-path", &path) != VMBASE_OK &&
	     vmbase_fdt_string(fdt, &node, "linux,stdout-path", &path) != VMBASE_OK)) {
		return false;
	}
	if (vmbase_fdt_find(fdt, path, &node) != VMBASE_OK || !describe_uart(fdt, &node, console)) {
		return false;
	}
	options = strchr(path, ':');
	if (options != NULL) {
		console->options = options + 1;
	}
	return true;
}

enum vmbase_error vmbase_fdt_console(const struct vmbase_fdt *fdt, struct vmbase_fdt_console *console)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;

	if (describe_chosen_uart(fdt, console)) {
		return VMBASE_OK;
	}
	while (vmbase_fdt_next_node(fdt, &node)) {
		if (describe_uart(fdt, &node, console)) {
			return VMBASE_OK;
		}
	}
	return VMBASE_ERROR_NOT_FOUND;
}
