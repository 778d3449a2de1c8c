// SPDX-License-Identifier: Apache-2.0

#include "boot_map.h"

#include "../boot/boot.h"

#include <vmbase/power.h>

#define PAGE_SIZE UINT64_C(0x1000)
#define BLOCK_SIZE UINT64_C(0x200000)
#define ENTRIES 512

#define LEVEL1_INDEX(address) ((address) / GIB)
#define LEVEL2_INDEX(address) ((address) / BLOCK_SIZE % ENTRIES)
#define LEVEL3_INDEX(address) ((address) / PAGE_SIZE % ENTRIES)

const struct vmb_boot_map vmb_boot_map = {
	.ttbr0 = (uintptr_t)vmb_first_map + (FIRST_MAP_ASID << TTBR0_EL1_ASID_SHIFT),
	.tcr = TCR_EL1_BASE | TCR_EL1_T0SZ(64 - BOOT_MAP_VA_BITS),
	.sctlr = SCTLR_EL1_MMU_ON,
};

void vmb_zero(void *begin, void *end); // ../arch/zero.S

// The table that a table descriptor points to. An invalid descriptor is given the next unused one first;
// sections.ld reserves as many as the image can need.
static uint64_t *table_at(uint64_t *descriptor, uint64_t **unused)
{
	if ((*descriptor & PTE_VALID) == 0) {
		uint64_t *table = *unused;

		if (table >= vmb_page_tables_end) {
			vmbase_reboot();
		}
		*unused += ENTRIES;
		vmb_zero(table, *unused);
		*descriptor = (uintptr_t)table | PTE_TABLE_OR_PAGE | PTE_VALID;
		return table;
	}
	// The map is an identity: a table's physical address is its virtual one.
	return (uint64_t *)(*descriptor & PTE_ADDRESS_MASK); // NOLINT(performance-no-int-to-ptr)
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void vmb_platform_map(void)
{
	uint64_t *level1 = vmb_page_tables_begin;
	uint64_t *unused = level1 + ENTRIES;

	// The walks read no more of the level-1 table than this.
	for (int i = 0; i < BOOT_MAP_LEVEL1_ENTRIES; i++) {
		level1[i] = 0;
	}
	for (const struct vmb_region *region = vmb_boot_regions; region->attributes != 0; region++) {
		uint64_t address = region->begin;
		const uint64_t end = (region->end + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
		const uint64_t block_attributes = region->attributes;
		const uint64_t page_attributes = block_attributes | PTE_TABLE_OR_PAGE;

		while (address < end) {
			uint64_t *level2 = table_at(&level1[LEVEL1_INDEX(address)], &unused);
			uint64_t *entry = &level2[LEVEL2_INDEX(address)];
			uint64_t next = lesser((address / BLOCK_SIZE + 1) * BLOCK_SIZE, end);

			if (next - address == BLOCK_SIZE) {
				*entry = address | block_attributes;
				address = next;
				continue;
			}
			entry = table_at(entry, &unused) + LEVEL3_INDEX(address);
			// Most regions have few pages: preparing an unrolled loop would take longer than the
			// loop.
#pragma clang loop unroll(disable)
			for (uint64_t page = address | page_attributes; page != (next | page_attributes);
			     page += PAGE_SIZE) {
				*entry++ = page;
			}
			address = next;
		}
	}
	vmb_boot_map_switch((uintptr_t)level1);
}
