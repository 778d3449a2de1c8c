// SPDX-License-Identifier: Apache-2.0

// Creates and destroys a table, finds entries, and translates between kinds and attributes.

#include "table.h"

#define ASID_MAX 255 // TCR_EL1.AS is 0

#define NORMAL                                                                                                 \
	(PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_NG | PTE_UXN | PTE_TABLE_OR_PAGE |    \
	 PTE_VALID)
#define DEVICE                                                                                                 \
	(PTE_ATTR_INDEX(MAIR_INDEX_DEVICE) | PTE_AF | PTE_NG | PTE_UXN | PTE_PXN | PTE_TABLE_OR_PAGE |         \
	 PTE_VALID)

const uint64_t vmb_attributes_of_kinds[VMBASE_MAP_DEVICE_LAZY + 1] = {
	[VMBASE_MAP_CODE] = NORMAL | PTE_AP_RDONLY,
	[VMBASE_MAP_RODATA] = NORMAL | PTE_AP_RDONLY | PTE_PXN,
	[VMBASE_MAP_DATA] = NORMAL | PTE_PXN,
	[VMBASE_MAP_DATA_TRACKED] = NORMAL | PTE_AP_RDONLY | PTE_PXN | PTE_SOFTWARE_TRACKED,
	[VMBASE_MAP_DEVICE] = DEVICE,
	[VMBASE_MAP_DEVICE_LAZY] = (DEVICE & ~PTE_VALID) | PTE_SOFTWARE_LAZY,
};

enum vmbase_map_kind vmb_kind(uint64_t descriptor)
{
	if ((descriptor & PTE_SOFTWARE_LAZY) != 0) {
		return VMBASE_MAP_DEVICE_LAZY;
	}
	if ((descriptor & PTE_ATTR_INDEX_MASK) == PTE_ATTR_INDEX(MAIR_INDEX_DEVICE)) {
		return VMBASE_MAP_DEVICE;
	}
	if ((descriptor & PTE_SOFTWARE_TRACKED) != 0) {
		return VMBASE_MAP_DATA_TRACKED;
	}
	if ((descriptor & PTE_AP_RDONLY) == 0) {
		return VMBASE_MAP_DATA;
	}
	return (descriptor & PTE_PXN) != 0 ? VMBASE_MAP_RODATA : VMBASE_MAP_CODE;
}

uint64_t *vmb_find(const struct vmbase_page_table *table, uintptr_t address, int *level)
{
	uint64_t *entries = table->root;

	*level = table->root_level;
	for (;;) {
		uint64_t *entry = &entries[vmb_index(address, *level)];

		if (!vmb_is_table(*entry, *level)) {
			return entry;
		}
		entries = vmb_child(table, *entry);
		++*level;
	}
}

enum vmbase_error vmbase_page_table_translate(const struct vmbase_page_table *table, uintptr_t address,
					      struct vmbase_phys *phys, enum vmbase_map_kind *kind)
{
	int level = 0;

	if (address >= table->va_end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	uint64_t descriptor = *vmb_find(table, address, &level);

	if (descriptor == 0) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (phys != NULL) {
		phys->address = (descriptor & PTE_ADDRESS_MASK) | (address & (vmb_level_size(level) - 1));
	}
	if (kind != NULL) {
		*kind = vmb_kind(descriptor);
	}
	return VMBASE_OK;
}

enum vmbase_error vmbase_page_table_init(struct vmbase_page_table *table,
					 const struct vmbase_table_pages *pages, unsigned int va_bits,
					 unsigned int asid)
{
	if (va_bits < VMB_VA_BITS_MIN || va_bits > VMB_VA_BITS_MAX || asid > ASID_MAX) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	if (!vmb_is_aligned(pages->physical_offset, VMB_PAGE_SIZE)) {
		return VMBASE_ERROR_UNALIGNED;
	}
	const struct vmb_mmu_features features = vmb_mmu_features();
	// Each level resolves VMB_LEVEL_BITS bits. The first level resolves the rest.
	const unsigned int levels = (va_bits - VMB_PAGE_BITS + VMB_LEVEL_BITS - 1) / VMB_LEVEL_BITS;
	struct vmbase_page_table made = {
		.pages = *pages,
		.lowest_table = UINTPTR_MAX,
		.va_end = UINT64_C(1) << va_bits,
		.pa_end = UINT64_C(1) << features.pa_bits,
		.root_level = (uint8_t)(VMB_LAST_LEVEL + 1 - levels),
		.has_hardware_dirty = features.hardware_dirty,
	};
	const struct vmb_allocation new = vmb_allocate(&made);

	if (new.entries == NULL) {
		return new.error;
	}
	made.root = new.entries;
	vmb_zero(made.root, made.root + vmb_root_entries(&made));
	made.ttbr0 = ((uintptr_t)made.root + pages->physical_offset) | ((uint64_t)asid << TTBR0_EL1_ASID_SHIFT);
	made.tcr = vmb_mmu_tcr_for(va_bits);
	*table = made;
	return VMBASE_OK;
}

enum vmbase_error vmbase_page_table_destroy(struct vmbase_page_table *table)
{
	if (table->is_active) {
		return VMBASE_ERROR_BUSY;
	}
	struct vmb_edit edit = { .table = table };

	vmb_remove_all(&edit, table->root, table->root_level, vmb_root_entries(table));
	vmb_give_back(table, edit.removed);
	table->root = NULL;
	return VMBASE_OK;
}
