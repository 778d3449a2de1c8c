// SPDX-License-Identifier: Apache-2.0

// Prints on the console.

#include "../arch/cpu.h"
#include "console_driver.h"

#include <stdatomic.h>
#include <stdio.h>

// The formatter. picolibc's small formatter without floating point is not declared in its header. C's printf()
// family uses the complete formatter.
#ifdef VMB_PRINT_INTEGERS_ONLY
int __i_vfprintf(FILE *stream, const char *format, va_list args);
#define FORMAT __i_vfprintf
#else
#define FORMAT vfprintf
#endif

// MPIDR_EL1 of the CPU that holds the lock, or 0. MPIDR_EL1 is never 0: its bit 31 is RES1.
static _Atomic uint64_t lock_owner;

// The attempts to take the lock before a CPU prints without it: some milliseconds. A garbled line is better
// than a CPU that hangs because the lock's owner has died.
#define LOCK_ATTEMPTS_MAX 10000000

bool vmb_console_lock(void)
{
	uint64_t me = vmb_cpu_mpidr();

	for (int attempt = 0; attempt < LOCK_ATTEMPTS_MAX; attempt++) {
		uint64_t owner = 0;

		if (atomic_compare_exchange_weak_explicit(&lock_owner, &owner, me, memory_order_acquire,
							  memory_order_relaxed)) {
			return true;
		}
		if (owner == me) {
			return false;
		}
	}
	return false;
}

void vmb_console_unlock(bool locked)
{
	if (locked) {
		atomic_store_explicit(&lock_owner, 0, memory_order_release);
	}
}

void vmb_console_init(void)
{
	vmbase_console.driver->init(vmbase_console.base);
}

void vmb_console_write_str(const char *text)
{
	for (; *text != '\0'; text++) {
		vmb_console_write_byte(*text);
	}
}

void vmb_console_vprint(const char *format, va_list args)
{
	// Print the text before the first conversion directly. Often there is no conversion.
	for (; *format != '\0' && *format != '%'; format++) {
		vmb_console_write_byte(*format);
	}
	if (*format != '\0') {
		(void)FORMAT(stdout, format, args);
	}
}

void vmbase_vprint(const char *format, va_list args)
{
	bool locked = vmb_console_lock();

	vmb_console_vprint(format, args);
	vmb_console_unlock(locked);
}

void vmbase_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vmbase_vprint(format, args);
	va_end(args);
}

void vmbase_println(const char *format, ...)
{
	bool locked = vmb_console_lock();
	va_list args;

	va_start(args, format);
	vmb_console_vprint(format, args);
	va_end(args);
	vmb_console_write_str("\n");
	vmb_console_unlock(locked);
}
