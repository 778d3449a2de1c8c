// SPDX-License-Identifier: Apache-2.0

// Whether address ranges overlap or contain each other. { 0, 0 } is an empty range.

#ifndef VMB_OVERLAP_H
#define VMB_OVERLAP_H

#include <vmbase/range.h>

#include <stdbool.h>

static inline bool vmb_overlap(struct vmbase_range a, struct vmbase_range b)
{
	return a.begin < b.end && b.begin < a.end;
}

static inline bool vmb_contains(struct vmbase_range outer, struct vmbase_range inner)
{
	return outer.begin <= inner.begin && inner.end <= outer.end;
}

static inline bool vmb_contains_address(struct vmbase_range range, uintptr_t address)
{
	return range.begin <= address && address < range.end;
}

#endif
