// SPDX-License-Identifier: Apache-2.0

// The two maps of this library's own platforms.
//
// The first map maps each GiB that contains a part of the image, as blocks, and nothing else. With it the
// caches go on, so that the second map can be built quickly, and no write bypasses the caches. If the address
// of the image is fixed, the first map is a constant. The second map is the boot map: main runs with it. It
// maps each part of the image with its own permissions, page by page, and does not map the guard pages.

#ifndef VMB_BOOT_MAP_H
#define VMB_BOOT_MAP_H

#include "../arch/sysreg.h"

#define GIB_SHIFT 30

// The translations of the first map are not global, and have an address space ID that is not used again. Those
// of the boot map are global, and its ASID is 0. So no translation of one map ever matches in the other, and
// the switch is one write of TTBR0_EL1: nothing has to be unmapped first.
#define FIRST_MAP_ASID 1
#define FIRST_MAP_ATTRIBUTES                                                                                   \
	(PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_NG | PTE_UXN | PTE_VALID)

#ifndef __ASSEMBLER__

#include "../image/regions.h"

#include <stddef.h>
#include <stdint.h>

#define GIB (UINT64_C(1) << GIB_SHIFT)

// A boot map while it is being built, in the pages that sections.ld reserves for its tables.
struct vmb_boot_map_builder {
	uintptr_t level1; // the address of the table of level 1
	uintptr_t unused; // the address of the next unused table
	uintptr_t window; // is added to the address of a table to write to the table
};

// Begins with an empty map that can map `level1_entries` GiB, an even number. Called with the first map in use.
void vmb_boot_map_begin(struct vmb_boot_map_builder *builder, size_t level1_entries);

// Adds regions that are not mapped yet. A region without attributes ends the list. If there are not enough
// tables, the VM ends as after a crash.
void vmb_boot_map_add(struct vmb_boot_map_builder *builder, const struct vmb_region *regions);

// Switches to the map `ttbr0`, sets SCTLR_EL1.WXN, and removes all TLB entries.
void vmb_boot_map_switch(uint64_t ttbr0);

#endif

#endif
