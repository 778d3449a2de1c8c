// SPDX-License-Identifier: Apache-2.0

// Visits leaves one by one, and makes the changes of one page that faults ask for.

#include "table.h"

// Handles a leaf. `begin` and `end` are the part of the leaf that lies in the range.
typedef enum vmbase_error visit_leaf(void *context, uint64_t *entry, int level, struct vmbase_range part);

static enum vmbase_error visit_leaves(const struct vmbase_page_table *table, uint64_t *entries, int level,
				      struct vmbase_range range, visit_leaf *visit, void *context)
{
	while (range.begin < range.end) {
		const struct vmbase_range part = { range.begin, vmb_next(range.begin, range.end, level) };
		uint64_t *entry = &entries[vmb_index(range.begin, level)];
		enum vmbase_error error = VMBASE_OK;

		if (vmb_is_table(*entry, level)) {
			error = visit_leaves(table, vmb_child(table, *entry), level + 1, part, visit, context);
		} else if (*entry != 0) {
			error = visit(context, entry, level, part);
		}
		if (error != VMBASE_OK) {
			return error;
		}
		range.begin = part.end;
	}
	return VMBASE_OK;
}

static bool is_dirty(uint64_t descriptor)
{
	return vmb_kind(descriptor) == VMBASE_MAP_DATA_TRACKED && (descriptor & PTE_AP_RDONLY) == 0;
}

// Waits before dirty states are read: a CPU may have marked a page as dirty while the descriptor does not show
// it yet.
static void see_dirty_states(const struct vmbase_page_table *table)
{
	if (table->is_active && table->has_hardware_dirty) {
		vmb_walks_complete();
	}
}

struct walk {
	enum vmbase_error (*visit)(const struct vmbase_mapping *mapping, void *context);
	void *context;
};

// A visitor that only reads the entry; visit_leaf lets others write it.
// NOLINTNEXTLINE(readability-non-const-parameter)
static enum vmbase_error describe(void *context, uint64_t *entry, int level, struct vmbase_range part)
{
	const struct walk *walk = context;
	const struct vmbase_mapping mapping = {
		.range = part,
		.phys = { (*entry & PTE_ADDRESS_MASK) | (part.begin & (vmb_level_size(level) - 1)) },
		.kind = vmb_kind(*entry),
		.is_dirty = is_dirty(*entry),
		.is_contiguous = (*entry & PTE_CONTIGUOUS) != 0,
		.leaf_bytes = vmb_level_size(level),
	};

	return walk->visit(&mapping, walk->context);
}

enum vmbase_error vmbase_page_table_walk(const struct vmbase_page_table *table, struct vmbase_range range,
					 enum vmbase_error (*visit)(const struct vmbase_mapping *mapping,
								    void *context),
					 void *context)
{
	struct walk walk = { visit, context };
	enum vmbase_error error = vmb_check_range(table, range);

	if (error != VMBASE_OK) {
		return error;
	}
	see_dirty_states(table);
	return visit_leaves(table, table->root, table->root_level, range, describe, &walk);
}

enum vmbase_error vmbase_page_table_resolve_lazy(struct vmbase_page_table *table, uintptr_t address)
{
	int level = 0;

	if (address >= table->va_end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	uint64_t *entry = vmb_find(table, address, &level);

	if (*entry == 0) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	switch (vmb_kind(*entry)) {
	case VMBASE_MAP_DEVICE:
		return VMBASE_OK;
	case VMBASE_MAP_DEVICE_LAZY:
		break;
	default:
		return VMBASE_ERROR_NOT_FOUND;
	}
	*entry = vmb_leaf(*entry & PTE_ADDRESS_MASK, vmb_attributes(table, VMBASE_MAP_DEVICE), level);
	if (table->is_active) {
		vmb_tlb_publish();
	}
	return VMBASE_OK;
}

// Tracked pages are changed by atomic operations, because CPUs with FEAT_HAFDBS change them too.

enum vmbase_error vmbase_page_table_handle_dirty_fault(struct vmbase_page_table *table, uintptr_t address)
{
	int level = 0;

	if (address >= table->va_end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	uint64_t *entry = vmb_find(table, address, &level);

	if (*entry == 0 || vmb_kind(*entry) != VMBASE_MAP_DATA_TRACKED) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	__atomic_fetch_and(entry, ~PTE_AP_RDONLY, __ATOMIC_RELAXED);
	// Invalidates the TLB entry even if the page was dirty: a TLB may still have the old state.
	if (table->is_active) {
		vmb_tlb_invalidate(vmb_entry_at(address, level), vmb_asid(table), VMB_TLB_LEAVES);
	}
	return VMBASE_OK;
}

// NOLINTNEXTLINE(readability-non-const-parameter): clang-tidy does not know that the builtin writes.
static enum vmbase_error flush(void *context, uint64_t *entry, int level, struct vmbase_range part)
{
	const struct vmbase_page_table *table = context;

	(void)level;
	if (!is_dirty(*entry)) {
		return VMBASE_OK;
	}
	// The order matters: the page is marked as clean, in all TLBs too, before it is written back. So an
	// earlier write is written back, and a later write is noticed again.
	__atomic_fetch_or(entry, PTE_AP_RDONLY, __ATOMIC_RELAXED);
	if (table->is_active) {
		vmb_tlb_invalidate(part, vmb_asid(table), VMB_TLB_LEAVES);
	}
	vmb_cache_clean(part);
	return VMBASE_OK;
}

enum vmbase_error vmbase_page_table_flush_dirty(struct vmbase_page_table *table, struct vmbase_range range)
{
	enum vmbase_error error = vmb_check_range(table, range);

	if (error != VMBASE_OK) {
		return error;
	}
	see_dirty_states(table);
	return visit_leaves(table, table->root, table->root_level, range, flush, table);
}
