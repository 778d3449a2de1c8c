// SPDX-License-Identifier: Apache-2.0

// Text on the VM's first serial port.
//
// The console is ready before main is called. Bytes go out as they are: '\n' is not preceded by '\r'.
// Each byte costs one MMIO access, which is one VM exit. stdio's stdout and stderr are this console too:
// printf(), puts() and fprintf(stderr, …) write to it byte by byte and without its lock.
//
// Formats are those of C17's printf, checked by the compiler. These functions print floating point only with
// the build option -Dprintf_float=true; without it an argument of such a type does not compile (in C). C's own
// printf(), snprintf() and their kin always print it. A guest that uses those for integers only saves about 11
// KiB by the link argument -Wl,--defsym=vfprintf=__i_vfprintf; they then print "*float*" for floating point.

#ifndef VMBASE_CONSOLE_H
#define VMBASE_CONSOLE_H

#include <stdarg.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Prints formatted text, with or without a newline at its end. No other vmbase_print or vmbase_println
// comes in between: the console's lock is held. Call them from main's context. From a handler that
// interrupted the lock's own holder they print without it, rather than wait for ever.
__attribute__((format(printf, 1, 2))) void vmbase_print(const char *format, ...);
__attribute__((format(printf, 1, 2))) void vmbase_println(const char *format, ...);

// The same with a va_list. vmbase_vprint() consumes args, as vprintf() does.
__attribute__((format(printf, 1, 0))) void vmbase_vprint(const char *format, va_list args);

// The same for exception handlers: they take no lock, and set the UART up again before they print, so
// that they work whatever the interrupted code had been doing to it.
__attribute__((format(printf, 1, 2))) void vmbase_eprint(const char *format, ...);
__attribute__((format(printf, 1, 2))) void vmbase_eprintln(const char *format, ...);

// Takes a byte that the console has received, as it is: 0 to 255, or -1 if none has come. It does not wait, and
// nothing is echoed. One or two MMIO accesses. Any context; a byte goes to one caller only. A console with a
// driver of the guest's own receives nothing.
//
// stdio's stdin and POSIX's read(0, …) take the same bytes, but as a terminal gives them to a program: carriage
// return, which the key Return sends, is a newline, and Control-D (0x04) is the end of the input. They wait for
// the first byte by asking for it again and again.
int vmbase_console_read_byte(void);

// Writes a NUL-terminated string, as vmbase_eprint("%s", text) would, but without a formatter and with
// no more than 64 bytes of stack: for a handler that has almost none left.
void vmbase_emergency_write_str(const char *text);

// Makes the functions above refuse floating point. Each argument also initialises a pointer, in code that is
// never reached: an integer or a pointer may do that, a floating-point number may not.
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

// Where the console is and which driver serves it.
struct vmbase_uart_driver;
struct vmbase_console {
	const struct vmbase_uart_driver *driver;
	uintptr_t base; // address of the UART's first register, mapped as Device memory
};

// The two drivers: a PL011 (Arm DDI 0183, issue G), and a 16550-compatible 8250 with byte-wide registers.
extern const struct vmbase_uart_driver vmbase_uart_pl011;
extern const struct vmbase_uart_driver vmbase_uart_8250;

// States where the console of a guest for the platform `custom` is; without one of these it is an 8250
// at 0x3f8. At most one source file of the guest says one, outside any function. The other platforms
// know their console: there these do not link.
#define VMBASE_CONSOLE_PL011(address) VMBASE_CONSOLE(vmbase_uart_pl011, address)
#define VMBASE_CONSOLE_8250(address) VMBASE_CONSOLE(vmbase_uart_8250, address)
#define VMBASE_CONSOLE(uart_driver, address)                                                                   \
	extern const struct vmbase_console vmbase_console;                                                     \
	const struct vmbase_console vmbase_console = { &(uart_driver), (address) }

#ifdef __cplusplus
}
#endif

#endif
