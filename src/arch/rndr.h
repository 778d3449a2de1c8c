// SPDX-License-Identifier: Apache-2.0

// The CPU's random numbers (FEAT_RNG).

#ifndef VMB_RNDR_H
#define VMB_RNDR_H

#include <stdbool.h>
#include <stdint.h>

// Reads RNDR. Returns false if the CPU had no number in time: then it sets the flag Z. The CPU must have
// FEAT_RNG.
static inline bool vmb_rndr(uint64_t *number)
{
	uint64_t value;
	uint32_t valid;

	__asm__ volatile(".arch_extension rng\n\t"
			 "mrs %0, rndr\n\t"
			 "cset %w1, ne"
			 : "=r"(value), "=r"(valid)
			 :
			 : "cc");
	*number = value;
	return valid != 0;
}

#endif
