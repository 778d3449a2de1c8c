// SPDX-License-Identifier: Apache-2.0

// A set of address ranges that merges ranges that touch.

#include "range_set.h"

#include "align.h"

static bool touch(struct vmbase_range a, struct vmbase_range b)
{
	return a.begin <= b.end && b.begin <= a.end;
}

enum vmbase_error vmb_range_set_add(struct vmb_range_set *set, struct vmbase_range range)
{
	struct vmbase_range whole = range;
	size_t touched = 0;
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		touched += touch(set->list[i], range);
	}
	if (touched == 0 && set->count == VMB_RANGE_SET_MAX) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	// One pass is enough: the ranges of the set do not touch each other. So a range that does not touch the
	// new one does not touch the merged one either.
	for (size_t i = 0; i < set->count; i++) {
		const struct vmbase_range each = set->list[i];

		if (touch(each, range)) {
			whole.begin = vmb_min(each.begin, whole.begin);
			whole.end = vmb_max(each.end, whole.end);
		} else {
			set->list[kept++] = each;
		}
	}
	set->list[kept++] = whole;
	set->count = kept;
	return VMBASE_OK;
}

bool vmb_range_set_contains(const struct vmb_range_set *set, struct vmbase_range range)
{
	for (size_t i = 0; i < set->count; i++) {
		if (vmb_contains(set->list[i], range)) {
			return true;
		}
	}
	return false;
}

bool vmb_range_set_overlaps(const struct vmb_range_set *set, struct vmbase_range range)
{
	for (size_t i = 0; i < set->count; i++) {
		if (vmb_overlap(set->list[i], range)) {
			return true;
		}
	}
	return false;
}
