// SPDX-License-Identifier: Apache-2.0

// Copies the boot map into the tracker's first table. The table is not in use yet, it is dropped after an
// error, and the regions do not overlap. So one pass is enough, without the planning of
// vmbase_page_table_map().

#include "tracker_state.h"

// Returns the table that an entry points to. Makes the table if it is missing.
static struct vmb_allocation table_at(struct vmbase_page_table *table, uint64_t *entry)
{
	if (*entry != 0) {
		return (struct vmb_allocation){ VMBASE_OK, vmb_child(table, *entry) };
	}
	const struct vmb_allocation new = vmb_allocate(table);

	if (new.entries != NULL) {
		vmb_clear_table(new.entries);
		*entry = vmb_table_descriptor(table, new.entries);
	}
	return new;
}

// Returns whether an entry of a level can translate the beginning of a range as a leaf.
static bool is_leaf(uintptr_t begin, uintptr_t end, int level, unsigned int shift)
{
	return level >= VMB_TOP_BLOCK_LEVEL && (end - begin) >> shift != 0 && begin >> shift << shift == begin;
}

// The table of the last level that was written last. Most regions are near the region before.
struct recent {
	uintptr_t begin;
	uint64_t *entries;
};

static enum vmbase_error map_region(struct recent *recent, const struct vmb_region *region)
{
	struct vmbase_page_table *table = &vmb_tracker.table;
	const uintptr_t end = vmb_align_up(region->end, VMBASE_PAGE_SIZE);

	for (uintptr_t begin = region->begin; begin < end;) {
		uint64_t *entries = table->root;
		int level = table->root_level;
		unsigned int shift = vmb_level_shift(level);

		if (recent->entries != NULL &&
		    (begin ^ recent->begin) >> vmb_level_shift(VMB_LAST_LEVEL - 1) == 0) {
			entries = recent->entries;
			level = VMB_LAST_LEVEL;
			shift = VMB_PAGE_BITS;
		}
		while (!is_leaf(begin, end, level, shift)) {
			const struct vmb_allocation child =
				table_at(table, &entries[begin >> shift & (VMB_ENTRIES - 1)]);

			if (child.entries == NULL) {
				return child.error;
			}
			entries = child.entries;
			shift -= VMB_LEVEL_BITS;
			level++;
		}
		if (level == VMB_LAST_LEVEL) {
			*recent = (struct recent){ begin, entries };
		}
		// Writes all leaves of the region that are in this table.
		const size_t index = begin >> shift & (VMB_ENTRIES - 1);
		const size_t wanted = (end - begin) >> shift;
		const size_t count = wanted < VMB_ENTRIES - index ? wanted : VMB_ENTRIES - index;

		const uint64_t descriptor = vmb_region_descriptor(region, begin) | PTE_NG | PTE_TABLE_OR_PAGE;
		const uint64_t physical = descriptor & PTE_ADDRESS_MASK;
		const uint64_t attributes = descriptor & ~PTE_ADDRESS_MASK;

		if (count < VMB_RUN_ENTRIES(level)) {
			vmb_fill_descriptors(&entries[index], vmb_leaf(physical, attributes, level),
					     UINT64_C(1) << shift, count);
		} else {
			vmb_fill_leaves(entries, index, count, physical, attributes, level, true);
		}
		begin += count << shift;
	}
	return VMBASE_OK;
}

enum vmbase_error vmb_tracker_map_static(void)
{
	const struct vmb_static_map *map = &vmb_tracker.static_map;
	struct recent recent = { 0 };
	bool has_console = map->console.begin == map->console.end;

	for (const struct vmb_region *region = map->regions; region->attributes != 0; region++) {
		enum vmbase_error error = map_region(&recent, region);

		if (error != VMBASE_OK) {
			return error;
		}
		has_console = has_console || (vmb_region_descriptor(region, region->begin) &
					      PTE_ADDRESS_MASK) == map->console.begin;
	}
	return has_console ? VMBASE_OK
			   : vmbase_page_table_map(&vmb_tracker.table, map->console, VMBASE_MAP_DEVICE, 0);
}
