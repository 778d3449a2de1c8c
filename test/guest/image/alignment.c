// SPDX-License-Identifier: Apache-2.0

// Variables and constants of each kind, aligned to 64 KiB: a possible granule of memory sharing.

#include "../support/tap.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>

#include <stdalign.h>
#include <stdint.h>

#define GRANULE 0x10000

VMBASE_CHECK_ALIGNMENT;

static alignas(GRANULE) unsigned char zeros[GRANULE];
static alignas(GRANULE) unsigned char variables[GRANULE] = { 1 };
static const alignas(GRANULE) unsigned char constants[GRANULE] = { 2 };
static alignas(GRANULE) const void *const addresses[] = { &zeros, &variables };
__attribute__((section(".noinit.granule"))) static alignas(GRANULE) unsigned char noinit[GRANULE];

static const void *volatile pointer; // volatile: the compiler does not know its alignment

static bool is_aligned(const void *object)
{
	pointer = object;
	return (uintptr_t)pointer % GRANULE == 0;
}

static void alignment(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(is_aligned(zeros) && zeros[0] == 0 && zeros[GRANULE - 1] == 0,
	       "variables with the value 0 are aligned");
	tap_ok(is_aligned(variables) && variables[0] == 1 && variables[GRANULE - 1] == 0,
	       "variables with other values are aligned");
	tap_ok(is_aligned(constants) && constants[0] == 2 && constants[GRANULE - 1] == 0,
	       "constants are aligned");
	tap_ok(is_aligned(addresses) && addresses[0] == zeros && addresses[1] == variables,
	       "constants with addresses are aligned");
	tap_ok(is_aligned(noinit), "variables in .noinit are aligned");
	tap_done();
}

VMBASE_MAIN(alignment);
