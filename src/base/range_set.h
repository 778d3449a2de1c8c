// SPDX-License-Identifier: Apache-2.0

// RAM, which may be in several ranges.

#ifndef VMB_RAM_RANGES_H
#define VMB_RAM_RANGES_H

#include <vmbase/error.h>

#include "range.h"

#include <stddef.h>

#define VMB_RAM_RANGES_MAX 16

// In no order. No two touch or overlap, and none is empty.
struct vmb_ram_ranges {
	struct vmbase_range list[VMB_RAM_RANGES_MAX];
	size_t count;
};

// Makes it one range.
static inline void vmb_ram_ranges_set(struct vmb_ram_ranges *ranges, struct vmbase_range range)
{
	ranges->list[0] = range;
	ranges->count = 1;
}

// Adds a range that is not empty: it becomes one with those that it touches or overlaps.
//
// VMBASE_ERROR_NO_MEMORY  there are too many
enum vmbase_error vmb_ram_ranges_add(struct vmb_ram_ranges *ranges, struct vmbase_range range);

// Whether one of them has all of a range, and whether any has a part of it.
bool vmb_ram_ranges_contain(const struct vmb_ram_ranges *ranges, struct vmbase_range range);
bool vmb_ram_ranges_overlap(const struct vmb_ram_ranges *ranges, struct vmbase_range range);

#endif
