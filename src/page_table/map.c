// SPDX-License-Identifier: Apache-2.0

// Maps ranges. Mapping changes no entry that is valid, so it needs no TLB maintenance.

#include "table.h"

static bool any_is_set(const uint64_t *entries, size_t count)
{
	return (count == 1 ? *entries : vmb_summarise_descriptors(entries, count).any) != 0;
}

static enum vmbase_error plan(struct vmb_edit *edit, const uint64_t *entries, int level, uintptr_t begin,
			      uintptr_t end)
{
	if (level == VMB_LAST_LEVEL) {
		return any_is_set(&entries[vmb_index(begin, level)], (end - begin) >> VMB_PAGE_BITS)
			       ? VMBASE_ERROR_OVERLAP
			       : VMBASE_OK;
	}
	while (begin < end) {
		uintptr_t next = vmb_next(begin, end, level);
		uint64_t descriptor = entries[vmb_index(begin, level)];
		enum vmbase_error error = VMBASE_OK;

		if (descriptor == 0) {
			edit->tables_needed += vmb_tables_needed(level, begin, next, edit->top_leaf_level);
		} else if (vmb_is_table(descriptor, level)) {
			error = plan(edit, vmb_child(edit->table, descriptor), level + 1, begin, next);
		} else {
			error = VMBASE_ERROR_OVERLAP;
		}
		if (error != VMBASE_OK) {
			return error;
		}
		begin = next;
	}
	return VMBASE_OK;
}

void vmb_fill_leaves(uint64_t *entries, size_t index, size_t count, uint64_t phys, uint64_t attributes,
		     int level, bool has_runs)
{
	const uint64_t size = vmb_level_size(level);
	const size_t run = VMB_RUN_ENTRIES(level);
	const uint64_t leaf = vmb_leaf(phys, attributes, level);

	// Entry 0 of the table is aligned to run * size. In a run, the physical address has to be aligned in
	// the same way.
	if (!has_runs || count < run || ((phys >> vmb_level_shift(level)) - index) % run != 0) {
		vmb_fill_descriptors(&entries[index], leaf, size, count);
		return;
	}
	size_t before = -index % run;
	size_t in_runs = count < before ? 0 : (count - before) / run * run;

	if (in_runs == 0) {
		before = 0;
	}
	size_t after = count - before - in_runs;

	vmb_fill_descriptors(&entries[index], leaf, size, before);
	vmb_fill_descriptors(&entries[index + before], (leaf + before * size) | PTE_CONTIGUOUS, size, in_runs);
	vmb_fill_descriptors(&entries[index + before + in_runs], leaf + (before + in_runs) * size, size, after);
}

static void commit(struct vmb_edit *edit, uint64_t *entries, int level, uintptr_t begin, uintptr_t end)
{
	const uint64_t size = vmb_level_size(level);

	while (begin < end) {
		size_t index = vmb_index(begin, level);
		uintptr_t next = vmb_next(begin, end, level);

		if (level >= edit->top_leaf_level && next - begin == size) {
			// Fills as many entries as fit: plan() has checked that they are all free.
			size_t count = (end - begin) >> vmb_level_shift(level);

			vmb_fill_leaves(entries, index, count, begin + edit->offset, edit->attributes, level,
					edit->has_runs);
			begin += count << vmb_level_shift(level);
			continue;
		}
		if (entries[index] == 0) {
			uint64_t *child = vmb_take(edit);

			// A table that will be filled with leaves need not be empty before.
			if (level + 1 < edit->top_leaf_level || next - begin != size) {
				vmb_clear_table(child);
			}
			commit(edit, child, level + 1, begin, next);
			vmb_write(&entries[index], vmb_table_descriptor(edit->table, child));
		} else {
			commit(edit, vmb_child(edit->table, entries[index]), level + 1, begin, next);
		}
		begin = next;
	}
}

// Returns the highest level at which an entry can be a leaf: its physical address has the alignment of its
// virtual one.
static int aligned_level(uint64_t offset)
{
	int level = VMB_TOP_BLOCK_LEVEL;

	while ((offset & (vmb_level_size(level) - 1)) != 0) {
		level++;
	}
	return level;
}

// The four ways to map a range, from the cheapest one:
// - The table of the last level exists (map_in_table): the entries are tested and filled.
// - The whole range is one entry that can be a block: the entry is written in map() itself.
// - The range is in one table of the last level that is missing (map_in_new_tables): the missing tables are
//   made from the bottom up, so that the last write makes all of them visible at once.
// - All other ranges (map_in_two_passes): the first pass, plan(), finds each error and counts the tables, which
//   are then reserved; the second pass, commit(), cannot fail.
// map() descends to the entry where the range parts and ends with a call of one of them. Each function ends
// with a call of the next, so the arguments stay in registers and no stack frame is built. A struct for the
// arguments would read better, but a page that is mapped would take 148 instructions instead of 125.

static enum vmbase_error publish(const struct vmbase_page_table *table)
{
	if (table->is_active) {
		vmb_tlb_publish();
	}
	return VMBASE_OK;
}

// Maps a range that may need any number of tables. `entries` is the table in which the range parts.
__attribute__((noinline)) static enum vmbase_error map_in_two_passes(struct vmbase_page_table *table,
								     struct vmbase_range range, uint64_t offset,
								     uint64_t attributes, bool has_blocks,
								     uint64_t *entries, int level)
{
	struct vmb_edit edit = {
		.table = table,
		.attributes = attributes,
		.offset = offset,
		.top_leaf_level = has_blocks ? aligned_level(offset) : VMB_LAST_LEVEL,
		.has_runs = has_blocks,
	};
	enum vmbase_error error = plan(&edit, entries, level, range.begin, range.end);

	if (error == VMBASE_OK) {
		error = vmb_reserve(&edit);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	commit(&edit, entries, level, range.begin, range.end);
	return publish(table);
}

__attribute__((always_inline)) static inline void
fill_pages(uint64_t *entries, struct vmbase_range range, uint64_t offset, uint64_t attributes, bool has_blocks)
{
	const size_t index = vmb_index(range.begin, VMB_LAST_LEVEL);
	const size_t count = (range.end - range.begin) >> VMB_PAGE_BITS;

	if (count == 1) {
		entries[index] = (range.begin + offset) | attributes;
	} else {
		vmb_fill_leaves(entries, index, count, range.begin + offset, attributes, VMB_LAST_LEVEL,
				has_blocks);
	}
}

__attribute__((noinline)) static void give_back_all(struct vmbase_page_table *table, uint64_t *entries,
						    int level)
{
	struct vmb_edit edit = { .table = table };

	vmb_remove_all(&edit, entries, level, VMB_ENTRIES);
	vmb_give_back(table, edit.removed);
}

// Maps pages into one missing table of the last level, and makes all missing tables above it.
__attribute__((noinline)) static enum vmbase_error map_in_new_tables(struct vmbase_page_table *table,
								     struct vmbase_range range, uint64_t offset,
								     uint64_t attributes, bool has_blocks,
								     uint64_t *entry, int level)
{
	struct vmb_allocation new = vmb_allocate(table);

	if (new.entries == NULL) {
		return new.error;
	}
	if (range.end - range.begin != vmb_level_size(VMB_LAST_LEVEL - 1)) {
		vmb_clear_table(new.entries);
	}
	fill_pages(new.entries, range, offset, attributes, has_blocks);
	for (int above = VMB_LAST_LEVEL - 1; above > level; above--) {
		uint64_t *below = new.entries;

		new = vmb_allocate(table);
		if (new.entries == NULL) {
			give_back_all(table, below, above + 1);
			return new.error;
		}
		vmb_clear_table(new.entries);
		new.entries[vmb_index(range.begin, above)] = vmb_table_descriptor(table, below);
	}
	vmb_write(entry, vmb_table_descriptor(table, new.entries));
	return publish(table);
}

__attribute__((noinline)) static enum vmbase_error map_in_table(const struct vmbase_page_table *table,
								struct vmbase_range range, uint64_t offset,
								uint64_t attributes, bool has_blocks,
								uint64_t *entries)
{
	const size_t count = (range.end - range.begin) >> VMB_PAGE_BITS;

	if (any_is_set(&entries[vmb_index(range.begin, VMB_LAST_LEVEL)], count)) {
		return VMBASE_ERROR_OVERLAP;
	}
	fill_pages(entries, range, offset, attributes, has_blocks);
	return publish(table);
}

// Returns whether a range inside of one entry is the whole entry, with aligned addresses.
static bool is_block(struct vmbase_range range, uint64_t offset, int level)
{
	const uint64_t size = vmb_level_size(level);

	return range.end - range.begin == size && level >= VMB_TOP_BLOCK_LEVEL && (offset & (size - 1)) == 0;
}

__attribute__((always_inline)) static inline enum vmbase_error map(struct vmbase_page_table *table,
								   struct vmbase_range range, uint64_t offset,
								   uint64_t attributes, bool has_blocks)
{
	const uint64_t parted = range.begin ^ (range.end - 1);
	const bool is_small = parted >> vmb_level_shift(VMB_LAST_LEVEL - 1) == 0; // in one last-level table
	uint64_t *entries = table->root;
	unsigned int shift = vmb_level_shift(table->root_level);

	// Descends to the entry where the range parts, or to a missing table.
	for (int level = table->root_level; level < VMB_LAST_LEVEL; level++) {
		uint64_t *entry = &entries[range.begin >> shift & (VMB_ENTRIES - 1)];

		if (parted >> shift != 0) {
			return map_in_two_passes(table, range, offset, attributes, has_blocks, entries, level);
		}
		if (vmb_is_table(*entry, level)) {
			entries = vmb_child(table, *entry);
			shift -= VMB_LEVEL_BITS;
			continue;
		}
		if (*entry != 0) {
			return VMBASE_ERROR_OVERLAP;
		}
		if (is_small && !(has_blocks && is_block(range, offset, VMB_LAST_LEVEL - 1))) {
			return map_in_new_tables(table, range, offset, attributes, has_blocks, entry, level);
		}
		if (has_blocks && is_block(range, offset, level)) {
			*entry = vmb_leaf(range.begin + offset, attributes, level);
			return publish(table);
		}
		return map_in_two_passes(table, range, offset, attributes, has_blocks, entries, level);
	}
	return map_in_table(table, range, offset, attributes, has_blocks, entries);
}

enum vmbase_error vmbase_page_table_map_to(struct vmbase_page_table *table, struct vmbase_range range,
					   struct vmbase_phys phys, enum vmbase_map_kind kind,
					   unsigned int flags)
{
	if (!vmb_is_kind(kind) || (flags & ~VMBASE_MAP_PAGES_ONLY) != 0) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	if (!vmb_is_aligned(range.begin | range.end | phys.address, VMB_PAGE_SIZE)) {
		return VMBASE_ERROR_UNALIGNED;
	}
	if (range.begin >= range.end || range.end > table->va_end || phys.address >= table->pa_end ||
	    range.end - range.begin > table->pa_end - phys.address) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	return map(table, range, phys.address - range.begin, vmb_attributes(table, kind),
		   vmb_has_blocks(kind) && (flags & VMBASE_MAP_PAGES_ONLY) == 0);
}

enum vmbase_error vmbase_page_table_map(struct vmbase_page_table *table, struct vmbase_range range,
					enum vmbase_map_kind kind, unsigned int flags)
{
	return vmbase_page_table_map_to(table, range, (struct vmbase_phys){ range.begin }, kind, flags);
}
