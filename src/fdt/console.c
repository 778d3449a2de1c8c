// SPDX-License-Identifier: Apache-2.0

#include "tree.h"

#include <string.h>

static const struct vmb_fdt_match uarts[] = {
	{ "arm,pl011", VMBASE_FDT_UART_PL011 },    { "ns16550a", VMBASE_FDT_UART_8250 },
	{ "ns16550", VMBASE_FDT_UART_8250 },       { "ns16450", VMBASE_FDT_UART_8250 },
	{ "ns8250", VMBASE_FDT_UART_8250 },        { "snps,dw-apb-uart", VMBASE_FDT_UART_8250 },
	{ "arm,sbsa-uart", VMBASE_FDT_UART_SBSA },
};

// What the drivers touch: an 8250's eight registers, a PL011's up to UARTICR, which an SBSA UART has too.
#define REGISTERS_8250 8
#define PL011_BYTES 0x48

// Registers are at most 32 KiB apart.
#define SHIFT_MAX 15

// A number of 32 bits, or what it is where it is not given.
static enum vmbase_error u32_or(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				const char *name, uint32_t *value)
{
	enum vmbase_error error = vmbase_fdt_u32(fdt, node, name, value);

	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_OK : error;
}

// Describes the UART at a node. False where it is none, or none that could be used.
static bool describe(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
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
	if (u32_or(fdt, node, "reg-shift", &shift) != VMBASE_OK ||
	    u32_or(fdt, node, "reg-io-width", &width) != VMBASE_OK ||
	    u32_or(fdt, node, "reg-offset", &offset) != VMBASE_OK) {
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

// What /chosen names.
static bool describe_chosen(const struct vmbase_fdt *fdt, struct vmbase_fdt_console *console)
{
	struct vmbase_fdt_node node;
	const char *path;
	const char *options;

	if (vmb_fdt_find_known(fdt, fdt->chosen, "/chosen", &node) != VMBASE_OK ||
	    (vmbase_fdt_string(fdt, &node, "stdout-path", &path) != VMBASE_OK &&
	     vmbase_fdt_string(fdt, &node, "linux,stdout-path", &path) != VMBASE_OK)) {
		return false;
	}
	if (vmbase_fdt_find(fdt, path, &node) != VMBASE_OK || !describe(fdt, &node, console)) {
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

	if (describe_chosen(fdt, console)) {
		return VMBASE_OK;
	}
	while (vmbase_fdt_next_node(fdt, &node)) {
		if (describe(fdt, &node, console)) {
			return VMBASE_OK;
		}
	}
	return VMBASE_ERROR_NOT_FOUND;
}
