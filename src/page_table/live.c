// SPDX-License-Identifier: Apache-2.0

// Rules for changes while the CPU may walk the table: TLBs, and the memory of the running code.

#include "../base/overlap.h"
#include "table.h"

static bool generic_table(const struct vmbase_page_table *table, const uint64_t *entries, int level,
			  size_t count, vmb_table_test *test, const void *context)
{
	const uintptr_t address = (uintptr_t)entries;

	if (test(table, (struct vmbase_range){ address, address + VMB_PAGE_SIZE }, context)) {
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		if (vmb_is_table(entries[i], level) &&
		    generic_table(table, vmb_child(table, entries[i]), level + 1, VMB_ENTRIES, test, context)) {
			return true;
		}
	}
	return false;
}

bool vmb_generic_table(const struct vmbase_page_table *table, vmb_table_test *test, const void *context)
{
	return generic_table(table, table->root, table->root_level, vmb_root_entries(table), test, context);
}

static bool is_in(const struct vmbase_page_table *table, struct vmbase_range page, const void *context)
{
	(void)table;
	return vmb_overlap(page, *(const struct vmbase_range *)context);
}

static bool has_table_in(const struct vmbase_page_table *table, struct vmbase_range range)
{
	// Most ranges are outside. This test saves a search through all tables.
	return vmb_overlap(vmb_tables(table), range) && vmb_generic_table(table, is_in, &range);
}

bool vmb_allows(enum vmbase_map_kind kind, enum vmb_use use)
{
	switch (use) {
	case VMB_USE_EXECUTE:
		return kind == VMBASE_MAP_CODE;
	case VMB_USE_READ:
		return kind >= VMBASE_MAP_CODE && kind <= VMBASE_MAP_DATA_TRACKED;
	case VMB_USE_WRITE:
		break;
	}
	// DATA_TRACKED does not count as writable: the handler of its faults writes to the tables and to the
	// stack itself.
	return kind == VMBASE_MAP_DATA;
}

bool vmb_is_busy(const struct vmbase_page_table *table, struct vmbase_range range, enum vmbase_map_kind kind)
{
	struct vmb_in_use in_use[VMB_IN_USE_COUNT];

	vmb_in_use(in_use);
	for (size_t i = 0; i < VMB_IN_USE_COUNT; i++) {
		if (vmb_overlap(in_use[i].range, range) && !vmb_allows(kind, in_use[i].use)) {
			return true;
		}
	}
	if (vmb_allows(kind, VMB_USE_WRITE)) {
		return false;
	}
	return vmb_overlap(vmb_self(table), range) || has_table_in(table, range);
}

bool vmb_can_break(const struct vmb_edit *edit, struct vmbase_range range)
{
	return !edit->is_live || !vmb_is_busy(edit->table, range, (enum vmbase_map_kind)0);
}

void vmb_break(const struct vmb_edit *edit, uint64_t *entries, size_t count, struct vmbase_range range,
	       enum vmb_tlb_scope scope)
{
	if (edit->is_live) {
		vmb_fill_descriptors(entries, 0, 0, count);
		vmb_tlb_invalidate(range, vmb_asid(edit->table), scope);
	}
}
