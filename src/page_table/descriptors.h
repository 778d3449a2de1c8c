// SPDX-License-Identifier: Apache-2.0

// Loops over the entries of a table. They are in assembly because the time for large ranges is spent here. Host
// tests have them in C.

#ifndef VMB_DESCRIPTORS_H
#define VMB_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

// Sets all entries of a table to 0.
void vmb_clear_table(uint64_t *entries);

// Writes `count` entries: first, first + step, first + 2 * step, …
void vmb_fill_descriptors(uint64_t *entries, uint64_t first, uint64_t step, size_t count);

// Keeps the bits in `keep` of `count` entries and sets the bits in `set`.
void vmb_change_descriptors(uint64_t *entries, uint64_t keep, uint64_t set, size_t count);

// Returns the bits that all of `count` entries have, and the bits that any of them has.
struct vmb_summary {
	uint64_t all;
	uint64_t any;
};
struct vmb_summary vmb_summarise_descriptors(const uint64_t *entries, size_t count);

void vmb_zero(void *begin, void *end); // ../arch/zero.S

#endif
