// SPDX-License-Identifier: Apache-2.0

// A guest whose code and variables exceed the range of some instructions: TBNZ reaches 32 KiB, a conditional
// branch and ADR reach 1 MiB. The code is linked first: it is between the library's first functions, which
// have a fixed place, and the library's other functions.

#include "../support/tap.h"

#include <vmbase/main.h>

#include <stddef.h>
#include <stdint.h>

#define BSS_BYTES (16 * 1024 * 1024)
#define TEXT_BYTES_MIN (2 * 1024 * 1024)

int large_first(void);
int large_last(void);

static uint32_t bss[BSS_BYTES / sizeof(uint32_t)];

static bool is_bss_zero(void)
{
	uint32_t all = 0;

	for (size_t i = 0; i < BSS_BYTES / sizeof(uint32_t); i++) {
		all |= bss[i];
	}
	return all == 0;
}

static void large(void)
{
	tap_ok((uintptr_t)large_last - (uintptr_t)large_first >= TEXT_BYTES_MIN, "the code is large");
	tap_ok(large_first() == 1 && large_last() == 2, "functions at both ends of the code are called");
	tap_ok(is_bss_zero(), "variables are zero");
	bss[0] = 3;
	bss[BSS_BYTES / sizeof(uint32_t) - 1] = 4;
	tap_ok(large_first() == 1 && large_last() == 2,
	       "the functions are called again after writes to both ends of the variables");
	tap_done();
}

VMBASE_MAIN(large);
