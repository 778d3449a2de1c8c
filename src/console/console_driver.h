// SPDX-License-Identifier: Apache-2.0

// The console for the rest of the library: its UART drivers, its lock, and unlocked output.

#ifndef VMB_CONSOLE_H
#define VMB_CONSOLE_H

// Offset of `base` in struct vmbase_console.
#define CONSOLE_BASE 8

#ifndef __ASSEMBLER__

#include <vmbase/console.h>

#include "../base/address.h"
#include "../image/symbols.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmbase_uart_driver {
	// Makes the UART ready to transmit, from any state. At most one MMIO access.
	void (*init)(uintptr_t base);
	// Sends a byte. One MMIO access: a virtual UART is always ready, and reading its status would cost
	// another exit.
	void (*write)(uintptr_t base, uint8_t byte);
};

// The console: defined by the platform or, on `custom`, by the guest.
extern const struct vmbase_console vmbase_console;

// The base of the console if the machine has no console.
#define VMB_NO_CONSOLE VMB_NO_ADDRESS

_Static_assert(offsetof(struct vmbase_console, base) == CONSOLE_BASE, "entry.S");

// A PL011 without a control register.
extern const struct vmbase_uart_driver vmb_uart_sbsa;

// Returns the physical address of the console's first register, for calls of the hypervisor.
static inline uint64_t vmb_console_physical(void)
{
	const uintptr_t offset = vmbase_console.base - (uintptr_t)vmb_console_alias;

	// Without an alias the symbol is at the main stack's guard, which is never the console.
	return offset < VMB_CONSOLE_ALIAS_BYTES ? offset : vmbase_console.base;
}

// Drivers for an 8250 with registers that may be more than a byte apart. The index is the binary logarithm of
// the access width: 1, 2 or 4 bytes.
extern const struct vmbase_uart_driver vmb_uart_8250_spaced[3];

// The shift that converts the number of a register of the console's 8250 to its offset. Set at boot.
extern uint8_t vmb_console_register_shift;

// Results instead of a byte: no byte has been received; no byte can ever be received.
#define VMB_NO_BYTE (-1)
#define VMB_NO_RECEIVER (-2)

// Reads a received byte, or returns VMB_NO_BYTE. One MMIO access, or two if a byte has been received.
// vmb_uart_8250_spaced_read() returns VMB_NO_RECEIVER without an access if the driver is the guest's own, or if
// the status register is in an unmapped page.
int vmb_uart_pl011_read(uintptr_t base);
int vmb_uart_8250_read(uintptr_t base);
int vmb_uart_8250_spaced_read(const struct vmbase_uart_driver *driver, uintptr_t base, unsigned int shift);

// Reads a character as a terminal's line discipline would give it to a program: the key Return is a newline,
// and Control-D ends the input. Returns a negative number at the end of the input, or without a receiver.
// vmb_console_wait_char() waits for a character; vmb_console_take_char() returns a negative number if no
// character has been received.
int vmb_console_wait_char(void);
int vmb_console_take_char(void);

// Initialises the UART. Called at boot, and again in handlers.
void vmb_console_init(void);

// Takes the console's lock. Returns false if this CPU already holds the lock, or if another CPU has held the
// lock for too long. The caller then prints without the lock; vmb_console_unlock(false) does nothing.
bool vmb_console_lock(void);
void vmb_console_unlock(bool locked);

// Writes a byte, a string, or formatted text to the console, without taking the lock.
static inline void vmb_console_write_byte(char byte)
{
	vmbase_console.driver->write(vmbase_console.base, (uint8_t)byte);
}

void vmb_console_write_str(const char *text);
__attribute__((format(printf, 1, 0))) void vmb_console_vprint(const char *format, va_list args);

#endif

#endif
