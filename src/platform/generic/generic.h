// SPDX-License-Identifier: Apache-2.0

// What the files of this platform agree upon.

#ifndef VMB_GENERIC_H
#define VMB_GENERIC_H

#include "../../arch/sysreg.h"

// Both maps translate 39-bit addresses: a level-1 table fills a page.
#define GENERIC_VA_BITS 39
#define GENERIC_LEVEL1_ENTRIES 512

// The largest a device tree may be (Linux, Documentation/arch/arm64/booting.rst).
#define TREE_SIZE_MAX 0x200000
#define FDT_MAGIC_BIG_ENDIAN 0xedfe0dd0 // the first word; the second is the size, big-endian too

// Says that there is no tree: no tree is there, for it would not be aligned.
#define GENERIC_NO_TREE 1

// TTBR1's half, with the same walks as TTBR0's, until the boot map is complete.
#define GENERIC_TCR_EL1                                                                                        \
	(TCR_EL1_TTBR0 | TCR_EL1_TTBR1 | TCR_EL1_T0SZ(64 - GENERIC_VA_BITS) |                                  \
	 TCR_EL1_T1SZ(64 - GENERIC_VA_BITS))

// HVC with these in x0 is for what is left at EL2: see <vmbase/el2.h>.
#define EL2_CALL_ENTER 1

#ifndef __ASSEMBLER__

#include <vmbase/console.h>
#include <vmbase/fdt.h>
#include <vmbase/layout.h>

#include "../../base/after_boot.h"

#include <stdbool.h>
#include <stdint.h>

// What has been found at boot.
struct vmb_generic {
	bool at_el2;
	bool has_tree;
	enum vmbase_error psci_error;
	struct vmbase_fdt tree;
	struct vmbase_range tree_range;
	struct vmbase_range ram; // where the image is
};
extern struct vmb_generic vmb_generic;

// The same for functions that constructors of the guest may call.
static inline const struct vmb_generic *vmb_generic_found(void)
{
	VMB_AFTER_BOOT();
	return &vmb_generic;
}

extern struct vmbase_console vmb_found_console;

// All that the image uses, from its beginning to its tables.
struct vmbase_range vmb_image_range(void);

// What to add to a physical address of the first map to get one of the window.
#define WINDOW (UINT64_MAX << GENERIC_VA_BITS)

// The level-1 table of the first map, written by entry.S.
extern uint64_t vmb_first_map_table[GENERIC_LEVEL1_ENTRIES];

// What vmb_platform_map() is once the image has been relocated. `tree` is what entry.S has found: where a magic
// number and a size of no more than TREE_SIZE_MAX are, at a multiple of 8, or GENERIC_NO_TREE.
void vmb_generic_set_up(uintptr_t tree, bool at_el2);

// Ends translations by TTBR1.
void vmb_window_close(void);

#endif

#endif
