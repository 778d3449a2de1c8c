// SPDX-License-Identifier: Apache-2.0

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
	// Makes the UART ready to transmit, from whatever state it is in. One MMIO access.
	void (*init)(uintptr_t base);
	// Sends a byte. One MMIO access: a virtual UART is always ready, and asking it would be an exit more.
	void (*write)(uintptr_t base, uint8_t byte);
};

// The console: the platform's or, for `custom`, the one that the guest states.
extern const struct vmbase_console vmbase_console;

// The base of the console if the machine has no console.
#define VMB_NO_CONSOLE VMB_NO_ADDRESS

_Static_assert(offsetof(struct vmbase_console, base) == CONSOLE_BASE, "entry.S");

// A PL011 without a control register.
extern const struct vmbase_uart_driver vmb_uart_sbsa;

// The physical address of the console's first register: what a hypervisor is told.
static inline uint64_t vmb_console_physical(void)
{
	const uintptr_t offset = vmbase_console.base - (uintptr_t)vmb_console_alias;

	// Without such a page the symbol is where the main stack's guard begins, which has no console.
	return offset < VMB_CONSOLE_ALIAS_BYTES ? offset : vmbase_console.base;
}

// 8250s whose registers may be further apart than a byte, by the logarithm of the bytes that they are accessed
// by: 1, 2 or 4.
extern const struct vmbase_uart_driver vmb_uart_8250_spaced[3];

// By how many bits a register's number is shifted to be its offset in the console's 8250: known from the boot
// on, if not 0.
extern uint8_t vmb_console_register_shift;

// Instead of a byte: none has been received, and none ever will be.
#define VMB_NO_BYTE (-1)
#define VMB_NO_RECEIVER (-2)

// Takes a byte that a UART has received, or returns VMB_NO_BYTE. One MMIO access, two for a byte. The last one
// returns VMB_NO_RECEIVER without an access for a driver of the guest's own, or if the UART's status is in a
// page that is not mapped.
int vmb_uart_pl011_read(uintptr_t base);
int vmb_uart_8250_read(uintptr_t base);
int vmb_uart_8250_spaced_read(const struct vmbase_uart_driver *driver, uintptr_t base, unsigned int shift);

// Characters as a terminal's line discipline gives them to a program: the key Return is a newline, and
// Control-D the end of the input. One waits for a character, and returns a negative number at the end or
// without a receiver; the other one does so too if nothing has been received.
int vmb_console_wait_char(void);
int vmb_console_take_char(void);

// Sets the UART up, at boot and again from handlers.
void vmb_console_init(void);

// Takes the console's lock. Returns false where it is not to be had, because this CPU holds it or
// because another one has held it for too long: then print without it, and do not unlock.
bool vmb_console_lock(void);
void vmb_console_unlock(bool locked);

// Bytes, a string, and formatted text to the console, without its lock.
static inline void vmb_console_write_byte(char byte)
{
	vmbase_console.driver->write(vmbase_console.base, (uint8_t)byte);
}

void vmb_console_write_str(const char *text);
__attribute__((format(printf, 1, 0))) void vmb_console_vprint(const char *format, va_list args);

#endif

#endif
