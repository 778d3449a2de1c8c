// SPDX-License-Identifier: Apache-2.0

// Replaces tables by blocks, and pages by runs, where the entries allow it.

#include "table.h"

static bool is_whole(uint64_t descriptor, int level)
{
	return (descriptor & PTE_VALID) != 0 && !vmb_is_table(descriptor, level) &&
	       vmb_has_blocks(vmb_kind(descriptor));
}

// Returns whether entries are leaves that continue the first one, which is aligned to the size of all of them.
static bool continue_each_other(const uint64_t *entries, size_t count, int level)
{
	const uint64_t size = vmb_level_size(level);
	const uint64_t first = entries[0] & ~PTE_CONTIGUOUS;

	if (!is_whole(first, level) || (first & PTE_ADDRESS_MASK & (count * size - 1)) != 0) {
		return false;
	}
	for (size_t i = 1; i < count; i++) {
		if ((entries[i] & ~PTE_CONTIGUOUS) != first + i * size) {
			return false;
		}
	}
	return true;
}

static bool touches(const struct vmb_edit *edit, struct vmbase_range range)
{
	return range.begin < edit->range.end && edit->range.begin < range.end;
}

static enum vmbase_error mark_runs(const struct vmb_edit *edit, uint64_t *entries, size_t count, int level,
				   uintptr_t base)
{
	const size_t run = VMB_RUN_ENTRIES(level);
	const uint64_t size = vmb_level_size(level);
	enum vmbase_error error = VMBASE_OK;

	for (size_t i = 0; i + run <= count; i += run) {
		const struct vmbase_range range = vmb_run_at(base + i * size, level);

		if (!touches(edit, range) || (entries[i] & PTE_CONTIGUOUS) != 0 ||
		    !continue_each_other(&entries[i], run, level)) {
			continue;
		}
		if (!vmb_can_break(edit, range)) {
			error = VMBASE_ERROR_BUSY;
			continue;
		}
		const uint64_t leaf = entries[i] | PTE_CONTIGUOUS;

		vmb_break(edit, &entries[i], run, range, VMB_TLB_LEAVES);
		vmb_fill_descriptors(&entries[i], leaf, size, run);
	}
	return error;
}

static enum vmbase_error make_block(struct vmb_edit *edit, uint64_t *entry, int level, uintptr_t address)
{
	const struct vmbase_range range = vmb_entry_at(address, level);
	uint64_t *child = vmb_child(edit->table, *entry);

	if (!vmb_can_break(edit, range)) {
		return VMBASE_ERROR_BUSY;
	}
	vmb_break(edit, entry, 1, range, VMB_TLB_TABLES);
	*entry = child[0] & ~(PTE_CONTIGUOUS | PTE_TABLE_OR_PAGE);
	vmb_remove(edit, child);
	return VMBASE_OK;
}

// Folds all tables below the entries, from the bottom up. Continues after an error and returns the first one.
static enum vmbase_error fold(struct vmb_edit *edit, uint64_t *entries, size_t count, int level, uintptr_t base)
{
	enum vmbase_error first_error = VMBASE_OK;

	for (size_t i = 0; i < count && level < VMB_LAST_LEVEL; i++) {
		const uintptr_t address = base + (i << vmb_level_shift(level));

		if (!vmb_is_table(entries[i], level) || !touches(edit, vmb_entry_at(address, level))) {
			continue;
		}
		uint64_t *child = vmb_child(edit->table, entries[i]);
		enum vmbase_error error = fold(edit, child, VMB_ENTRIES, level + 1, address);

		if (level >= VMB_TOP_BLOCK_LEVEL && continue_each_other(child, VMB_ENTRIES, level + 1)) {
			const enum vmbase_error block_error = make_block(edit, &entries[i], level, address);

			error = error != VMBASE_OK ? error : block_error;
		} else {
			const enum vmbase_error run_error =
				mark_runs(edit, child, VMB_ENTRIES, level + 1, address);

			error = error != VMBASE_OK ? error : run_error;
		}
		first_error = first_error != VMBASE_OK ? first_error : error;
	}
	return first_error;
}

enum vmbase_error vmbase_page_table_fold(struct vmbase_page_table *table, struct vmbase_range range)
{
	struct vmb_edit edit = { .table = table, .range = range, .is_live = table->is_active };
	const size_t count = vmb_root_entries(table);
	enum vmbase_error error = vmb_check_range(table, range);

	if (error != VMBASE_OK) {
		return error;
	}
	error = fold(&edit, table->root, count, table->root_level, 0);

	const enum vmbase_error run_error = mark_runs(&edit, table->root, count, table->root_level, 0);

	if (edit.is_live) {
		vmb_tlb_publish();
	}
	vmb_give_back(table, edit.removed);
	return error != VMBASE_OK ? error : run_error;
}
