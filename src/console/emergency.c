// SPDX-License-Identifier: Apache-2.0

// Prints from exception handlers: takes no lock, and initialises the UART before each text.

#include "console_driver.h"

void vmbase_eprint(const char *format, ...)
{
	va_list args;

	vmb_console_init();
	va_start(args, format);
	vmb_console_vprint(format, args);
	va_end(args);
}

void vmbase_eprintln(const char *format, ...)
{
	va_list args;

	vmb_console_init();
	va_start(args, format);
	vmb_console_vprint(format, args);
	va_end(args);
	vmb_console_write_str("\n");
}

void vmbase_emergency_write_str(const char *text)
{
	vmb_console_init();
	vmb_console_write_str(text);
}
