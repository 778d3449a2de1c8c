// SPDX-License-Identifier: Apache-2.0

// The regions that the boot map maps: the parts of the image, and what else a platform has.

#ifndef VMB_REGIONS_H
#define VMB_REGIONS_H

#include "../arch/sysreg.h"
#include "symbols.h"

#include <stdint.h>

// Attributes of what the boot map maps, pages and blocks alike: global, and for EL1 only.
#define BOOT_MAP_NORMAL (PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_UXN | PTE_VALID)
#define BOOT_MAP_CODE (BOOT_MAP_NORMAL | PTE_AP_RDONLY)
#define BOOT_MAP_RODATA (BOOT_MAP_NORMAL | PTE_AP_RDONLY | PTE_PXN)
#define BOOT_MAP_DATA (BOOT_MAP_NORMAL | PTE_PXN)
#define BOOT_MAP_DEVICE (PTE_ATTR_INDEX(MAIR_INDEX_DEVICE) | PTE_AF | PTE_UXN | PTE_PXN | PTE_VALID)

// A range that is mapped, to itself unless `attributes` say otherwise. It begins at a page, and its last page
// is all its own.
struct vmb_region {
	uintptr_t begin;
	uintptr_t end;
	uint64_t attributes; // less how far the virtual address is above the physical one
};

// The block descriptor of an address in a region.
static inline uint64_t vmb_region_descriptor(const struct vmb_region *region, uintptr_t address)
{
	return address + region->attributes;
}

// The boot map of a platform, in platform.c: the image's regions, and what else the platform has. They do
// not overlap, and end within the addresses that the map translates. One without attributes ends the table.
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
