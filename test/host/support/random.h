// SPDX-License-Identifier: Apache-2.0

// Random numbers that a printed seed repeats, on every host.

#ifndef RANDOM_H
#define RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static uint64_t random_state;

// Starts with the seed from the environment, or with the time in seconds.
static inline void random_begin(void)
{
	const char *given = getenv("VMBASE_TEST_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);

	print_message("# VMBASE_TEST_SEED=%#llx\n", (unsigned long long)seed);
	random_state = seed | 1; // zero would stay zero
}

// Returns a number below `bound`, which is not 0. xorshift64.
static inline size_t random_below(size_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (size_t)(random_state >> 16) % bound;
}

#endif
