// SPDX-License-Identifier: Apache-2.0

// Text on the VM's first serial port.
//
// The console is ready before main is called. Bytes are written as they are: no '\r' is added before '\n'. Each
// byte costs one MMIO access, which is one VM exit. stdio's stdout and stderr are this console too: printf(),
// puts() and fprintf(stderr, …) write to it byte by byte, and without its lock.
//
// Formats are those of C17's printf; the compiler checks them. These functions print floating point only with
// the build option -Dprintf_float=true; without the option a floating-point argument does not compile (in C).
// C's own printf(), snprintf() and related functions always print floating point. A guest that prints only
// integers with them saves about 11 KiB with the link argument -Wl,--defsym=vfprintf=__i_vfprintf; they then
// print "*float*" for floating point.

#ifndef VMBASE_CONSOLE_H
#define VMBASE_CONSOLE_H

#include <stdarg.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Print formatted text, without and with a newline at its end. They hold the console's lock, so that the text
// of one call stays together. A handler calls vmbase_eprint() instead: if the handler has interrupted the
// holder of the lock, these functions print without the lock.
//
// Context: main
__attribute__((format(printf, 1, 2))) void vmbase_print(const char *format, ...);
__attribute__((format(printf, 1, 2))) void vmbase_println(const char *format, ...);

// Prints as vmbase_print(), with a va_list. `args` is indeterminate afterwards, as after vprintf().
//
// Context: main
__attribute__((format(printf, 1, 0))) void vmbase_vprint(const char *format, va_list args);

// Print as vmbase_print() and vmbase_println(), for exception handlers. They take no lock, and initialise the
// UART before they print: they work in whatever state the interrupted code has left the UART.
//
// Context: any
__attribute__((format(printf, 1, 2))) void vmbase_eprint(const char *format, ...);
__attribute__((format(printf, 1, 2))) void vmbase_eprintln(const char *format, ...);

// Returns the next byte that the console has received: 0 to 255, or -1 if there is no byte. Does not wait and
// does not echo. Costs one or two MMIO accesses. A byte goes to one caller only. A console with the guest's own
// driver receives nothing.
//
// stdio's stdin and POSIX's read(0, …) return the same bytes in the form that a terminal gives to a program: a
// carriage return, which the key Return sends, becomes a newline, and Control-D (0x04) is the end of the input.
// They wait for the first byte by polling.
//
// Context: any
int vmbase_console_read_byte(void);

// Writes a NUL-terminated string as vmbase_eprint("%s", text), without a formatter and with at most 64 bytes of
// stack: for a handler that has almost no stack left.
//
// Context: any
void vmbase_emergency_write_str(const char *text);

// Makes the functions above refuse floating point. Each argument also initialises a pointer, in code that never
// runs: the compiler accepts an integer or a pointer there, and no floating-point number.
#if defined(VMBASE_PRINT_INTEGERS_ONLY) && !defined(__cplusplus)
typedef const void *vmbase_floating_point_needs_printf_or_the_option_printf_float;
#define VMBASE_INTEGERS_ONLY(function, ...)                                                                    \
	__extension__({                                                                                        \
		_Pragma("clang diagnostic push");                                                              \
		_Pragma("clang diagnostic ignored \"-Weverything\"");                                          \
		_Pragma("clang diagnostic ignored \"-Wint-conversion\"");                                      \
		if (0) {                                                                                       \
			(void)(const vmbase_floating_point_needs_printf_or_the_option_printf_float[]){         \
				__VA_ARGS__                                                                    \
			};                                                                                     \
		}                                                                                              \
		_Pragma("clang diagnostic pop");                                                               \
		(function)(__VA_ARGS__);                                                                       \
	})
#define vmbase_print(...) VMBASE_INTEGERS_ONLY(vmbase_print, __VA_ARGS__)
#define vmbase_println(...) VMBASE_INTEGERS_ONLY(vmbase_println, __VA_ARGS__)
#define vmbase_eprint(...) VMBASE_INTEGERS_ONLY(vmbase_eprint, __VA_ARGS__)
#define vmbase_eprintln(...) VMBASE_INTEGERS_ONLY(vmbase_eprintln, __VA_ARGS__)
#endif

// The driver of the console and the address of its registers.
struct vmbase_uart_driver;
struct vmbase_console {
	const struct vmbase_uart_driver *driver;
	uintptr_t base; // address of the UART's first register, mapped as Device memory
};

// The two drivers: a PL011 (Arm DDI 0183, issue G), and a 16550-compatible 8250 with byte-wide registers.
extern const struct vmbase_uart_driver vmbase_uart_pl011;
extern const struct vmbase_uart_driver vmbase_uart_8250;

// Define the console of a guest for the platform `custom`. Without one of these the console is an 8250 at
// 0x3f8. At most one source file of the guest has one of them, outside of any function. On the other platforms,
// which know their console, the guest does not link with one of them.
#define VMBASE_CONSOLE_PL011(address) VMBASE_CONSOLE(vmbase_uart_pl011, address)
#define VMBASE_CONSOLE_8250(address) VMBASE_CONSOLE(vmbase_uart_8250, address)
#define VMBASE_CONSOLE(uart_driver, address)                                                                   \
	extern const struct vmbase_console vmbase_console;                                                     \
	const struct vmbase_console vmbase_console = { &(uart_driver), (address) }

#ifdef __cplusplus
}
#endif

#endif
