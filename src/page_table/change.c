// SPDX-License-Identifier: Apache-2.0

// Unmaps leaves and changes their attributes.
//
// The rules for a table that the CPU walks (Arm DDI 0487, issue K.a, TLB maintenance; the Contiguous bit in
// Translation table descriptor formats): a leaf may become invalid, or get other permissions, at once; a TLB
// may keep the old leaf until it is invalidated. To get another memory type, size, or Contiguous bit, the leaf
// is first made invalid and removed from all TLBs. If the leaf is in a run, that holds for the whole run.
// FEAT_BBM is not used, because it lets a CPU answer with a TLB conflict abort.

#include "../base/overlap.h"
#include "table.h"

// The attributes that change only while the leaf is invalid (break-before-make).
#define BREAKING_ATTRIBUTES (PTE_ATTR_INDEX_MASK | PTE_SH_INNER | PTE_NG)

static bool needs_break(const struct vmb_edit *edit, uint64_t descriptor)
{
	return (descriptor & PTE_VALID) != 0 && (edit->attributes & PTE_VALID) != 0 &&
	       (((descriptor ^ edit->attributes) & BREAKING_ATTRIBUTES) != 0 ||
		((descriptor & PTE_CONTIGUOUS) != 0 && !edit->has_runs));
}

static bool is_kept(const struct vmb_edit *edit, uint64_t descriptor)
{
	return edit->attributes != 0 && vmb_kind(descriptor) == edit->kind;
}

// Returns whether a leaf has to leave its run, because it changes without the others or may not be in a run.
static bool leaves_run(const struct vmb_edit *edit, uint64_t descriptor, uintptr_t address, int level)
{
	if ((descriptor & PTE_CONTIGUOUS) == 0) {
		return false;
	}
	const struct vmbase_range run = vmb_run_at(address, level);

	return run.begin < edit->range.begin || run.end > edit->range.end ||
	       (edit->attributes != 0 && (!edit->has_runs || needs_break(edit, descriptor)));
}

// Returns the part of a table's range whose leaves are alike and can all be changed in the same way. The part
// is empty if the leaves differ.
static struct vmbase_range alike_part(const struct vmb_edit *edit, const uint64_t *entries, int level,
				      uintptr_t begin, uintptr_t end)
{
	const uint64_t size = vmb_level_size(level);
	const struct vmbase_range part = { vmb_align_up(begin, size), vmb_align_down(end, size) };
	const struct vmbase_range none = { end, end };

	if (part.begin >= part.end || level < edit->top_leaf_level) {
		return none;
	}
	const size_t count = (part.end - part.begin) >> vmb_level_shift(level);

	// For a few entries, testing each one is cheaper.
	if (count < VMB_MANY_ENTRIES) {
		return none;
	}
	const uint64_t *first = &entries[vmb_index(part.begin, level)];
	const struct vmb_summary summary = vmb_summarise_descriptors(first, count);

	if (summary.all == 0 || ((summary.all ^ summary.any) & ~(PTE_ADDRESS_MASK | PTE_CONTIGUOUS)) != 0 ||
	    vmb_is_table(summary.all, level) || needs_break(edit, summary.any)) {
		return none;
	}
	// Some leaves may be in runs and others not. If runs are still allowed, only the leaves at both ends
	// may have to leave theirs.
	if (((summary.any & PTE_CONTIGUOUS) != 0 && edit->attributes != 0 && !edit->has_runs) ||
	    leaves_run(edit, first[0], part.begin, level) ||
	    leaves_run(edit, first[count - 1], part.end - size, level)) {
		return none;
	}
	return part;
}

static bool is_split(const struct vmb_edit *edit, int level, uintptr_t begin, uintptr_t end)
{
	return end - begin != vmb_level_size(level) || level < edit->top_leaf_level;
}

static enum vmbase_error plan_leaf(struct vmb_edit *edit, uint64_t descriptor, int level, uintptr_t begin,
				   uintptr_t end)
{
	if (is_kept(edit, descriptor)) {
		return VMBASE_OK;
	}
	bool breaks = needs_break(edit, descriptor);

	if (is_split(edit, level, begin, end)) {
		edit->tables_needed += vmb_tables_needed(level, begin, end, edit->top_leaf_level);
		breaks = true;
	}
	if (leaves_run(edit, descriptor, begin, level)) {
		return vmb_can_break(edit, vmb_run_at(begin, level)) ? VMBASE_OK : VMBASE_ERROR_BUSY;
	}
	if (breaks && !vmb_can_break(edit, vmb_entry_at(begin, level))) {
		return VMBASE_ERROR_BUSY;
	}
	return VMBASE_OK;
}

static enum vmbase_error plan(struct vmb_edit *edit, const uint64_t *entries, int level, uintptr_t begin,
			      uintptr_t end)
{
	const struct vmbase_range alike = alike_part(edit, entries, level, begin, end);
	const bool unmaps = edit->attributes == 0;

	while (begin < end) {
		if (begin == alike.begin) {
			begin = alike.end;
			continue;
		}
		const uintptr_t next = vmb_next(begin, end, level);
		const uint64_t descriptor = entries[vmb_index(begin, level)];
		enum vmbase_error error = VMBASE_OK;

		if (descriptor == 0) {
			error = unmaps ? VMBASE_OK : VMBASE_ERROR_NOT_FOUND;
		} else if (!vmb_is_table(descriptor, level)) {
			error = plan_leaf(edit, descriptor, level, begin, next);
		} else if (!unmaps || next - begin != vmb_level_size(level)) {
			error = plan(edit, vmb_child(edit->table, descriptor), level + 1, begin, next);
		}
		if (error != VMBASE_OK) {
			return error;
		}
		begin = next;
	}
	return VMBASE_OK;
}

static void dissolve_run(const struct vmb_edit *edit, uint64_t *entries, uintptr_t address, int level)
{
	const size_t count = VMB_RUN_ENTRIES(level);
	uint64_t *first = &entries[vmb_align_down(vmb_index(address, level), count)];
	const uint64_t leaf = *first & ~PTE_CONTIGUOUS;

	vmb_break(edit, first, count, vmb_run_at(address, level), VMB_TLB_LEAVES);
	vmb_fill_descriptors(first, leaf, vmb_level_size(level), count);
}

static void commit(struct vmb_edit *edit, uint64_t *entries, int level, uintptr_t begin, uintptr_t end);

static void split(struct vmb_edit *edit, uint64_t *entry, int level, uintptr_t begin, uintptr_t end)
{
	const bool was_live = edit->is_live;
	uint64_t *child = vmb_take(edit);

	// The new table gets the translations of the block, is changed, and then replaces the block.
	vmb_fill_leaves(child, 0, VMB_ENTRIES, *entry & PTE_ADDRESS_MASK,
			(*entry & ~(PTE_ADDRESS_MASK | PTE_CONTIGUOUS)) | PTE_TABLE_OR_PAGE, level + 1, true);
	edit->is_live = false;
	commit(edit, child, level + 1, begin, end);
	edit->is_live = was_live;
	vmb_break(edit, entry, 1, vmb_entry_at(begin, level), VMB_TLB_LEAVES);
	vmb_write(entry, vmb_table_descriptor(edit->table, child));
}

static void commit_leaf(struct vmb_edit *edit, uint64_t *entries, int level, uintptr_t begin, uintptr_t end)
{
	uint64_t *entry = &entries[vmb_index(begin, level)];

	if (is_kept(edit, *entry)) {
		return;
	}
	if (leaves_run(edit, *entry, begin, level)) {
		dissolve_run(edit, entries, begin, level);
	}
	if (is_split(edit, level, begin, end)) {
		split(edit, entry, level, begin, end);
		return;
	}
	uint64_t descriptor = 0;

	if (edit->attributes != 0) {
		descriptor = vmb_leaf(*entry & (PTE_ADDRESS_MASK | PTE_CONTIGUOUS), edit->attributes, level);
	}
	if (needs_break(edit, *entry)) {
		vmb_break(edit, entry, 1, (struct vmbase_range){ begin, end }, VMB_TLB_LEAVES);
	}
	vmb_write(entry, descriptor);
}

static void change_alike(const struct vmb_edit *edit, uint64_t *first, int level, struct vmbase_range alike)
{
	const uint64_t kept = edit->attributes != 0 ? PTE_ADDRESS_MASK | PTE_CONTIGUOUS : 0;
	const size_t count = (alike.end - alike.begin) >> vmb_level_shift(level);

	if (!is_kept(edit, *first)) {
		vmb_change_descriptors(first, kept, vmb_leaf(0, edit->attributes, level), count);
	}
}

static bool is_empty(const uint64_t *entries)
{
	// Most tables fail this test early.
	const size_t step = VMB_ENTRIES / 4;

	for (size_t i = 0; i < VMB_ENTRIES; i += step) {
		if (vmb_summarise_descriptors(&entries[i], step).any != 0) {
			return false;
		}
	}
	return true;
}

static void commit_table(struct vmb_edit *edit, uint64_t *entry, int level, uintptr_t begin, uintptr_t end)
{
	uint64_t *child = vmb_child(edit->table, *entry);

	if (edit->attributes != 0) {
		commit(edit, child, level + 1, begin, end);
		return;
	}
	if (end - begin == vmb_level_size(level)) {
		*entry = 0;
		vmb_remove_all(edit, child, level + 1, VMB_ENTRIES);
		return;
	}
	commit(edit, child, level + 1, begin, end);
	if (is_empty(child)) {
		*entry = 0;
		vmb_remove(edit, child);
	}
}

static void commit(struct vmb_edit *edit, uint64_t *entries, int level, uintptr_t begin, uintptr_t end)
{
	const struct vmbase_range alike = alike_part(edit, entries, level, begin, end);

	while (begin < end) {
		if (begin == alike.begin) {
			change_alike(edit, &entries[vmb_index(begin, level)], level, alike);
			begin = alike.end;
			continue;
		}
		const uintptr_t next = vmb_next(begin, end, level);
		uint64_t *entry = &entries[vmb_index(begin, level)];

		if (vmb_is_table(*entry, level)) {
			commit_table(edit, entry, level, begin, next);
		} else if (*entry != 0) {
			commit_leaf(edit, entries, level, begin, next);
		}
		begin = next;
	}
}

// Returns whether the change makes a page read-only that will become a table.
static bool takes_reserved_page(const struct vmb_edit *edit)
{
	if (!edit->is_live || vmb_allows(edit->kind, VMB_USE_WRITE)) {
		return false;
	}
	for (const struct vmb_spare *spare = edit->reserved; spare != NULL; spare = spare->next) {
		const uintptr_t address = (uintptr_t)spare;

		if (vmb_overlap((struct vmbase_range){ address, address + VMB_PAGE_SIZE }, edit->range)) {
			return true;
		}
	}
	return false;
}

static enum vmbase_error change(struct vmb_edit *edit)
{
	struct vmbase_page_table *table = edit->table;
	const struct vmbase_range range = edit->range;
	enum vmbase_error error = vmb_check_range(table, range);

	if (error != VMBASE_OK) {
		return error;
	}
	edit->is_live = table->is_active;
	if (edit->is_live && vmb_is_busy(table, range, edit->kind)) {
		return VMBASE_ERROR_BUSY;
	}
	error = plan(edit, table->root, table->root_level, range.begin, range.end);
	if (error == VMBASE_OK) {
		error = vmb_reserve(edit);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	if (takes_reserved_page(edit)) {
		vmb_give_back(table, edit->reserved);
		return VMBASE_ERROR_BUSY;
	}
	commit(edit, table->root, table->root_level, range.begin, range.end);
	if (edit->is_live) {
		vmb_tlb_invalidate(range, vmb_asid(table), edit->scope);
	}
	vmb_give_back(table, edit->removed);
	return VMBASE_OK;
}

enum vmbase_error vmbase_page_table_unmap(struct vmbase_page_table *table, struct vmbase_range range)
{
	struct vmb_edit edit = { .table = table, .range = range, .top_leaf_level = VMB_TOP_BLOCK_LEVEL };

	return change(&edit);
}

enum vmbase_error vmbase_page_table_protect(struct vmbase_page_table *table, struct vmbase_range range,
					    enum vmbase_map_kind kind)
{
	if (!vmb_is_kind(kind)) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	struct vmb_edit edit = {
		.table = table,
		.range = range,
		.kind = kind,
		.attributes = vmb_attributes(table, kind),
		.top_leaf_level = vmb_has_blocks(kind) ? VMB_TOP_BLOCK_LEVEL : VMB_LAST_LEVEL,
		.has_runs = vmb_has_blocks(kind),
	};

	return change(&edit);
}
