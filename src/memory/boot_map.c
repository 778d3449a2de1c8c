// SPDX-License-Identifier: Apache-2.0

#include "boot_map.h"

#include "../boot/boot.h"
#include "layout.h"

#include <vmbase/power.h>

#define PAGE_SIZE UINT64_C(0x1000)
#define BLOCK_SIZE UINT64_C(0x200000)
#define ENTRIES 512

#define LEVEL1_INDEX(address) ((address) / GIB)
#define LEVEL2_INDEX(address) ((address) / BLOCK_SIZE % ENTRIES)
#define LEVEL3_INDEX(address) ((address) / PAGE_SIZE % ENTRIES)

#define PTE_ADDRESS_MASK UINT64_C(0x0000fffffffff000)

// Attributes, of pages and blocks alike. The map is global, for EL1 only.
#define NORMAL (PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_UXN | PTE_VALID)
#define CODE (NORMAL | PTE_AP_RDONLY)
#define RODATA (NORMAL | PTE_AP_RDONLY | PTE_PXN)
#define DATA (NORMAL | PTE_PXN)
#define DEVICE (PTE_ATTR_INDEX(MAIR_INDEX_DEVICE) | PTE_AF | PTE_UXN | PTE_PXN | PTE_VALID)

void vmb_zero(void *begin, void *end); // ../arch/zero.S

// The next unused table. sections.ld reserves as many as the image can need.
static uint64_t *next_table;

static uint64_t *new_table(void)
{
	uint64_t *table = next_table;

	if (table >= vmb_page_tables_end) {
		vmbase_reboot();
	}
	next_table += ENTRIES;
	vmb_zero(table, next_table);
	return table;
}

// The table that a table descriptor points to; an invalid descriptor is given one first.
static uint64_t *table_at(uint64_t *descriptor)
{
	if ((*descriptor & PTE_VALID) == 0) {
		*descriptor = (uintptr_t)new_table() | PTE_TABLE_OR_PAGE | PTE_VALID;
	}
	// The map is an identity: a table's physical address is its virtual one.
	return (uint64_t *)(*descriptor & PTE_ADDRESS_MASK); // NOLINT(performance-no-int-to-ptr)
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

// Maps pages to themselves, by blocks where one fits. Ranges do not overlap and end within the first 4 GiB.
static void map(uint64_t *level1, struct vmbase_range range, uint64_t attributes)
{
	uint64_t address = range.begin / PAGE_SIZE * PAGE_SIZE;
	uint64_t end = (range.end + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;

	while (address < end) {
		uint64_t *level2 = table_at(&level1[LEVEL1_INDEX(address)]);
		uint64_t *entry = &level2[LEVEL2_INDEX(address)];
		uint64_t next = lesser((address / BLOCK_SIZE + 1) * BLOCK_SIZE, end);

		if (next - address == BLOCK_SIZE) {
			*entry = address | attributes;
			address = next;
			continue;
		}
		entry = table_at(entry) + LEVEL3_INDEX(address);
		for (; address < next; address += PAGE_SIZE) {
			*entry++ = address | attributes | PTE_TABLE_OR_PAGE;
		}
	}
}

static struct vmbase_range page_tables(void)
{
	return (struct vmbase_range){ (uintptr_t)vmb_page_tables_begin, (uintptr_t)vmb_page_tables_end };
}

void vmb_platform_map(void)
{
	uint64_t *level1 = vmb_page_tables_begin;

	// The walks read no more of the level-1 table than this.
	for (int i = 0; i < BOOT_MAP_LEVEL1_ENTRIES; i++) {
		level1[i] = 0;
	}
	next_table = level1 + ENTRIES;

	map(level1, vmbase_layout_text(), CODE);
	map(level1, vmbase_layout_rodata(), RODATA);
	map(level1, vmbase_layout_main_stack(), DATA);
	map(level1, vmbase_layout_exception_stack(), DATA);
	map(level1, (struct vmbase_range){ vmbase_layout_data().begin, vmbase_layout_bss().end }, DATA);
	map(level1, page_tables(), RODATA);
	map(level1, vmb_platform.dtb, RODATA);
	map(level1, vmb_platform.console, DEVICE);
	vmb_boot_map_switch((uintptr_t)level1);
}
