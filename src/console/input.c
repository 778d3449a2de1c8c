// SPDX-License-Identifier: Apache-2.0

// Reads bytes that the console has received. Polls the UART: there are no interrupts.

#include "../base/after_boot.h"
#include "console_driver.h"

// A terminal sends these for the keys Return and Control-D.
#define CARRIAGE_RETURN 0x0d
#define END_OF_TRANSMISSION 0x04

uint8_t vmb_console_register_shift;

static int receive(void)
{
	VMB_AFTER_BOOT();

	const uintptr_t base = vmbase_console.base;

	if (base == VMB_NO_CONSOLE) {
		return VMB_NO_RECEIVER;
	}
	if (vmbase_console.driver == &vmbase_uart_pl011 || vmbase_console.driver == &vmb_uart_sbsa) {
		return vmb_uart_pl011_read(base);
	}
	if (vmbase_console.driver == &vmbase_uart_8250) {
		return vmb_uart_8250_read(base);
	}
	return vmb_uart_8250_spaced_read(vmbase_console.driver, base, vmb_console_register_shift);
}

int vmbase_console_read_byte(void)
{
	const int byte = receive();

	return byte < 0 ? -1 : byte;
}

// The end of the input has been read but not yet returned.
static bool is_end_pending;

int vmb_console_take_char(void)
{
	int byte = receive();

	if (byte == END_OF_TRANSMISSION) {
		is_end_pending = true;
		return VMB_NO_BYTE;
	}
	return byte == CARRIAGE_RETURN ? '\n' : byte;
}

int vmb_console_wait_char(void)
{
	while (!is_end_pending) {
		int byte = vmb_console_take_char();

		if (byte != VMB_NO_BYTE) {
			return byte;
		}
	}
	is_end_pending = false;
	return VMB_NO_BYTE;
}
