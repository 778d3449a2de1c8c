// SPDX-License-Identifier: Apache-2.0

// A set of address ranges that merges ranges that touch.

#include "range_set.h"

#include "align.h"

static bool touch(struct vmbase_range a, struct vmbase_range b)
{
	return a.begin <= b.end && b.begin <= a.end;
}

enum vmbase_error vmb_ram_ranges_add(struct vmb_ram_ranges *ranges, struct vmbase_range range)
{
	struct vmbase_range whole = range;
	size_t touched = 0;
	size_t kept = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		touched += touch(ranges->list[i], range);
	}
	if (touched == 0 && ranges->count == VMB_RAM_RANGES_MAX) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	// One pass is enough: what does not touch the range does not touch what that becomes one with either.
	for (size_t i = 0; i < ranges->count; i++) {
		const struct vmbase_range each = ranges->list[i];

		if (touch(each, range)) {
			whole.begin = vmb_min(each.begin, whole.begin);
			whole.end = vmb_max(each.end, whole.end);
		} else {
			ranges->list[kept++] = each;
		}
	}
	ranges->list[kept++] = whole;
	ranges->count = kept;
	return VMBASE_OK;
}

bool vmb_ram_ranges_contain(const struct vmb_ram_ranges *ranges, struct vmbase_range range)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (vmb_contains(ranges->list[i], range)) {
			return true;
		}
	}
	return false;
}

bool vmb_ram_ranges_overlap(const struct vmb_ram_ranges *ranges, struct vmbase_range range)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (vmb_overlap(ranges->list[i], range)) {
			return true;
		}
	}
	return false;
}
