// SPDX-License-Identifier: Apache-2.0

// The regions that the boot map maps: the parts of the image, and those that a platform adds.

#ifndef VMB_REGIONS_H
#define VMB_REGIONS_H

#include "../arch/sysreg.h"
#include "symbols.h"

#include <stdint.h>

// Attributes of pages and blocks in the boot map. All are global, and for EL1 only.
#define BOOT_MAP_NORMAL (PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_UXN | PTE_VALID)
#define BOOT_MAP_CODE (BOOT_MAP_NORMAL | PTE_AP_RDONLY)
#define BOOT_MAP_RODATA (BOOT_MAP_NORMAL | PTE_AP_RDONLY | PTE_PXN)
#define BOOT_MAP_DATA (BOOT_MAP_NORMAL | PTE_PXN)
#define BOOT_MAP_DEVICE (PTE_ATTR_INDEX(MAIR_INDEX_DEVICE) | PTE_AF | PTE_UXN | PTE_PXN | PTE_VALID)

// Virtual addresses, mapped to the same physical addresses unless `attributes` shift them. A region begins at
// the start of a page. It may end within a page, but no other region uses that page.
struct vmb_region {
	uintptr_t begin;
	uintptr_t end;
	uint64_t attributes; // minus the distance from the physical address up to the virtual one
};

// Returns the block descriptor of a virtual address in a region.
static inline uint64_t vmb_region_descriptor(const struct vmb_region *region, uintptr_t address)
{
	return address + region->attributes;
}

// The boot map of a platform, defined in its platform.c. Regions do not overlap, and end within the addresses
// that the map translates. A region without attributes ends the table.
extern const struct vmb_region vmb_boot_regions[];

// clang-format takes the braces for those of a block.
// clang-format off
#define BOOT_MAP_IMAGE_REGIONS \
	{ (uintptr_t)vmb_text_begin, (uintptr_t)vmb_text_end, BOOT_MAP_CODE }, \
	{ (uintptr_t)vmb_rodata_begin, (uintptr_t)vmb_rodata_end, BOOT_MAP_RODATA }, \
	{ (uintptr_t)vmb_main_stack_begin, (uintptr_t)vmb_main_stack_end, BOOT_MAP_DATA }, \
	{ (uintptr_t)vmb_exception_stack_begin, (uintptr_t)vmb_exception_stack_end, BOOT_MAP_DATA }, \
	{ (uintptr_t)vmb_data_begin, (uintptr_t)vmb_bss_end, BOOT_MAP_DATA }, \
	{ (uintptr_t)vmb_page_tables_begin, (uintptr_t)vmb_page_tables_end, BOOT_MAP_RODATA }, \
	{ (uintptr_t)vmb_noinit_begin, (uintptr_t)vmb_noinit_end, BOOT_MAP_DATA }
// clang-format on

#endif
