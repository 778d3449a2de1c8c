// SPDX-License-Identifier: Apache-2.0

// Outline atomics, which choose their instructions at run time, work on any CPU.

#include "../support/tap.h"

#include <vmbase/main.h>

#include <stdatomic.h>
#include <stdint.h>

// GCC uses outline atomics by default for Linux.
__attribute__((target("outline-atomics"))) static void guest(void)
{
	static _Atomic uint8_t byte = 1;
	static _Atomic uint16_t half = 2;
	static _Atomic uint32_t word = 3;
	static _Atomic uint64_t wide = 4;
	static _Atomic uint64_t compared = 5;
	uint64_t expected = 5;

	tap_ok(atomic_fetch_add(&byte, 1) == 1 && atomic_exchange(&half, 7) == 2 &&
		       atomic_fetch_or(&word, 4) == 3 && atomic_fetch_and(&wide, ~UINT64_C(4)) == 4 &&
		       atomic_compare_exchange_strong(&compared, &expected, 6) && byte == 2 && half == 7 &&
		       word == 7 && wide == 0 && compared == 6,
	       "outline atomics");
	// The CPU's features decide which instructions they use.
	extern const bool __aarch64_have_lse_atomics;
	uint64_t isar0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	tap_ok(__aarch64_have_lse_atomics == ((isar0 >> 20 & 0xf) >= 2), "outline atomics know the CPU");
	tap_done();
}

VMBASE_MAIN(guest);
