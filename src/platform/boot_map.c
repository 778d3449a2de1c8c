// SPDX-License-Identifier: Apache-2.0

// Builds the map that main runs with.

#include "../base/align.h"
#include "../exception/early_vectors.h"
#include "boot_map.h"

#include <stdatomic.h>

#define BLOCK_SIZE UINT64_C(0x200000)
#define ENTRIES 512

#define LEVEL1_INDEX(address) ((address) / GIB)
#define LEVEL2_INDEX(address) ((address) / BLOCK_SIZE % ENTRIES)
#define LEVEL3_INDEX(address) ((address) / VMB_PAGE_SIZE % ENTRIES)

void vmb_zero(void *begin, void *end); // ../arch/zero.S

// Returns the address at which a table can be written. Both maps are identities: addresses are physical and
// virtual.
static uint64_t *writable(const struct vmb_boot_map_builder *builder, uintptr_t table)
{
	return (uint64_t *)(table + builder->window); // NOLINT(performance-no-int-to-ptr)
}

// Returns the table that a descriptor points to. If the descriptor is invalid, it gets the next unused table
// first: sections.ld reserves as many as the image can need.
static uint64_t *table_at(struct vmb_boot_map_builder *builder, uint64_t *descriptor)
{
	if ((*descriptor & PTE_VALID) == 0) {
		uint64_t *table = writable(builder, builder->unused);

		if (builder->unused >= (uintptr_t)vmb_page_tables_end) {
			vmb_give_up();
		}
		vmb_zero(table, table + ENTRIES);
		// The map may be in use. A release fence is DMB ISH: no walk that follows the descriptor finds
		// the old contents of the table (DDI 0487, issue K.a, Ordering and observability of translation
		// table walks).
		atomic_thread_fence(memory_order_release);
		*descriptor = builder->unused | PTE_TABLE_OR_PAGE | PTE_VALID;
		builder->unused += VMB_PAGE_SIZE;
		return table;
	}
	return writable(builder, *descriptor & PTE_ADDRESS_MASK);
}

void vmb_boot_map_begin(struct vmb_boot_map_builder *builder, size_t level1_entries)
{
	// Walks read only these entries of the level-1 table.
	vmb_zero(vmb_page_tables_begin, vmb_page_tables_begin + level1_entries);
	*builder = (struct vmb_boot_map_builder){
		.level1 = (uintptr_t)vmb_page_tables_begin,
		.unused = (uintptr_t)vmb_page_tables_begin + VMB_PAGE_SIZE,
	};
}

void vmb_boot_map_add(struct vmb_boot_map_builder *builder, const struct vmb_region *regions)
{
	uint64_t *level1 = writable(builder, builder->level1);

	for (const struct vmb_region *region = regions; region->attributes != 0; region++) {
		uint64_t address = region->begin;
		const uint64_t end = vmb_align_up(region->end, VMB_PAGE_SIZE);
		const uint64_t block_attributes = region->attributes;
		const uint64_t page_attributes = block_attributes | PTE_TABLE_OR_PAGE;

		while (address < end) {
			uint64_t *level2 = table_at(builder, &level1[LEVEL1_INDEX(address)]);
			uint64_t *entry = &level2[LEVEL2_INDEX(address)];
			uint64_t next = vmb_min(vmb_align_down(address, BLOCK_SIZE) + BLOCK_SIZE, end);

			if (next - address == BLOCK_SIZE) {
				*entry = address + block_attributes;
				address = next;
				continue;
			}
			entry = table_at(builder, entry) + LEVEL3_INDEX(address);
			// Most regions have few pages: an unrolled loop would need more instructions to set up
			// than it saves.
#pragma clang loop unroll(disable)
			for (uint64_t page = address + page_attributes; page != next + page_attributes;
			     page += VMB_PAGE_SIZE) {
				*entry++ = page;
			}
			address = next;
		}
	}
}
