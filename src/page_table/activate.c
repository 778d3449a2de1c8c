// SPDX-License-Identifier: Apache-2.0

// Switches the CPU from one map to another, if the new map has all memory that the running code needs.

#include "table.h"

// Returns whether a range is mapped to itself plus an offset, by a kind that allows its use.
static bool is_usable(const struct vmbase_page_table *table, struct vmbase_range range, uint64_t offset,
		      enum vmb_use use)
{
	uintptr_t address = range.begin;

	if (range.begin < range.end && range.end > table->va_end) {
		return false;
	}
	while (address < range.end) {
		int level = 0;
		const uint64_t *entry = vmb_find(table, address, &level);
		const uint64_t size = vmb_level_size(level);
		uint64_t expected = *entry & ~PTE_CONTIGUOUS;

		address &= ~(size - 1);
		if (*entry == 0 || (*entry & PTE_ADDRESS_MASK) != address + offset ||
		    !vmb_allows(vmb_kind(*entry), use)) {
			return false;
		}
		// The following entries up to the end of the table may continue this one.
		const size_t wanted = (range.end - address + size - 1) >> vmb_level_shift(level);
		const size_t left = VMB_ENTRIES - vmb_index(address, level);
		const uint64_t *first = entry;
		const uint64_t *end = entry + (wanted < left ? wanted : left);

		do {
			entry++;
			expected += size;
		} while (entry < end && (*entry & ~PTE_CONTIGUOUS) == expected);
		address += (uintptr_t)(entry - first) << vmb_level_shift(level);
	}
	return true;
}

static bool is_unusable_table(const struct vmbase_page_table *table, struct vmbase_range page,
			      const void *context)
{
	(void)context;
	return !is_usable(table, page, table->pages.physical_offset, VMB_USE_WRITE);
}

// Returns whether a range lies in one of the first `count` ranges in use, one that is written.
static bool is_in_one_of(const struct vmb_in_use *in_use, size_t count, struct vmbase_range range)
{
	for (size_t i = 0; i < count; i++) {
		if (in_use[i].use == VMB_USE_WRITE && range.begin >= in_use[i].range.begin &&
		    range.end <= in_use[i].range.end) {
			return true;
		}
	}
	return false;
}

static bool maps_running_code(const struct vmbase_page_table *table)
{
	const struct vmbase_range tables = vmb_tables(table);
	const uint64_t offset = table->pages.physical_offset;
	struct vmb_in_use in_use[VMB_IN_USE_COUNT];

	vmb_in_use(in_use);
	for (size_t i = 0; i < VMB_IN_USE_COUNT; i++) {
		if (!is_in_one_of(in_use, i, in_use[i].range) &&
		    !is_usable(table, in_use[i].range, 0, in_use[i].use)) {
			return false;
		}
	}
	if (!is_in_one_of(in_use, VMB_IN_USE_COUNT, vmb_self(table)) &&
	    !is_usable(table, vmb_self(table), 0, VMB_USE_WRITE)) {
		return false;
	}
	if (offset == 0 && is_in_one_of(in_use, VMB_IN_USE_COUNT, tables)) {
		return true;
	}
	// Often the whole range from the lowest to the highest table is mapped. Then the tables need not be
	// searched for.
	return is_usable(table, tables, offset, VMB_USE_WRITE) ||
	       !vmb_generic_table(table, is_unusable_table, NULL);
}

void vmb_activate(struct vmbase_page_table *table)
{
	table->previous_ttbr0 = vmb_mmu_ttbr0();
	table->previous_tcr = vmb_mmu_tcr();
	table->is_active = true;
	vmb_mmu_switch(table->ttbr0, table->tcr);
}

enum vmbase_error vmbase_page_table_activate(struct vmbase_page_table *table)
{
	if (table->is_active || !maps_running_code(table)) {
		return VMBASE_ERROR_BUSY;
	}
	vmb_activate(table);
	return VMBASE_OK;
}

enum vmbase_error vmbase_page_table_deactivate(struct vmbase_page_table *table)
{
	if (!table->is_active) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	table->is_active = false;
	vmb_mmu_switch(table->previous_ttbr0, table->previous_tcr);
	return VMBASE_OK;
}
