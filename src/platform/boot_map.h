// SPDX-License-Identifier: Apache-2.0

// The two maps of this library's own platforms.
//
// The first map is all of each GiB that holds a part of the image, as blocks, and nothing else. It is what
// turns the caches on, so that the second one can be built quickly and without writing behind the caches' back.
// Where the image's place is known it is a constant of the image. The second one, the boot map, is what main
// runs with: each part of the image with its own permissions, page by page, guards left out.

#ifndef VMB_BOOT_MAP_H
#define VMB_BOOT_MAP_H

#include "../arch/sysreg.h"

#define GIB_SHIFT 30

// The first map's translations belong to an address space ID that is not used again, and are not global.
// So the switch to the boot map, whose translations are global and whose ASID is 0, is one write of
// TTBR0_EL1: no translation of the one ever matches in the other, and nothing needs to be unmapped first.
#define FIRST_MAP_ASID 1
#define FIRST_MAP_ATTRIBUTES                                                                                   \
	(PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_NG | PTE_UXN | PTE_VALID)

#ifndef __ASSEMBLER__

#include "../image/regions.h"

#include <stddef.h>
#include <stdint.h>

#define GIB (UINT64_C(1) << GIB_SHIFT)

// A boot map that is being built, in the pages that sections.ld reserves for its tables.
struct vmb_boot_map_builder {
	uintptr_t level1; // the table of level 1
	uintptr_t unused; // the next table
	uintptr_t window; // what to add to a table's address to write to it
};

// Begins with a map of nothing, of 1 GiB for each of `level1_entries`, an even number. The first map is in
// force.
void vmb_boot_map_begin(struct vmb_boot_map_builder *builder, size_t level1_entries);

// Adds regions of which nothing is mapped yet; one without attributes ends the list. Should the tables not be
// enough, the VM resets.
void vmb_boot_map_add(struct vmb_boot_map_builder *builder, const struct vmb_region *regions);

// Makes `ttbr0` the map in force, sets SCTLR_EL1.WXN, and drops all cached translations.
void vmb_boot_map_switch(uint64_t ttbr0);

#endif

#endif
