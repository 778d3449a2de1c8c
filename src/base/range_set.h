// SPDX-License-Identifier: Apache-2.0

// A set of address ranges that merges ranges that touch: RAM, which may be in several pieces.

#ifndef VMB_RANGE_SET_H
#define VMB_RANGE_SET_H

#include <vmbase/error.h>

#include "overlap.h"

#include <stddef.h>

#define VMB_RANGE_SET_MAX 16

// In no order. No two ranges touch or overlap, and no range is empty.
struct vmb_range_set {
	struct vmbase_range list[VMB_RANGE_SET_MAX];
	size_t count;
};

// Makes it a set of one range.
static inline void vmb_range_set_init(struct vmb_range_set *set, struct vmbase_range range)
{
	set->list[0] = range;
	set->count = 1;
}

// Adds a range that is not empty, and merges it with the ranges that it touches or overlaps.
//
// VMBASE_ERROR_NO_MEMORY  when the set is full
enum vmbase_error vmb_range_set_add(struct vmb_range_set *set, struct vmbase_range range);

// Whether one range of the set contains all of a range.
bool vmb_range_set_contains(const struct vmb_range_set *set, struct vmbase_range range);

// Whether a range of the set contains a part of a range.
bool vmb_range_set_overlaps(const struct vmb_range_set *set, struct vmbase_range range);

#endif
