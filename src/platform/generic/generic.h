// SPDX-License-Identifier: Apache-2.0

// Definitions that the files of this platform share.

#ifndef VMB_GENERIC_H
#define VMB_GENERIC_H

#include "../../arch/sysreg.h"

// Both maps translate 39-bit addresses: a level-1 table fills a page.
#define GENERIC_VA_BITS 39
#define GENERIC_LEVEL1_ENTRIES 512

// The maximum size of a device tree in bytes (Linux, Documentation/arch/arm64/booting.rst).
#define TREE_SIZE_MAX 0x200000
#define FDT_MAGIC_BIG_ENDIAN 0xedfe0dd0 // the first word; the second word is the size, also big-endian

// Stands for the absence of a tree: a tree cannot be at this address, since it is not aligned.
#define GENERIC_NO_TREE 1

// Until the boot map is complete, TTBR1's half is translated too, with walks like those of TTBR0's half.
#define GENERIC_TCR_EL1                                                                                        \
	(TCR_EL1_TTBR0 | TCR_EL1_TTBR1 | TCR_EL1_T0SZ(64 - GENERIC_VA_BITS) |                                  \
	 TCR_EL1_T1SZ(64 - GENERIC_VA_BITS))

// The value of x0 for an HVC to the vector that stays at EL2 (<vmbase/el2.h>).
#define EL2_CALL_ENTER 1

#ifndef __ASSEMBLER__

#include <vmbase/console.h>
#include <vmbase/fdt.h>
#include <vmbase/layout.h>

#include "../../base/after_boot.h"

#include <stdbool.h>
#include <stdint.h>

// The results of the boot.
struct vmb_generic {
	bool at_el2;
	bool has_tree;
	enum vmbase_error psci_error;
	struct vmbase_fdt tree;
	struct vmbase_range tree_range;
	struct vmbase_range ram; // the range of RAM that contains the image
};
extern struct vmb_generic vmb_generic;

// Returns them, for functions that constructors of the guest may call.
static inline const struct vmb_generic *vmb_generic_found(void)
{
	VMB_AFTER_BOOT();
	return &vmb_generic;
}

extern struct vmbase_console vmb_found_console;

// Returns the memory that the image uses, from its beginning to the end of its tables and .noinit.
struct vmbase_range vmb_image_range(void);

// Added to a physical address of the first map, this gives its address in the window.
#define WINDOW (UINT64_MAX << GENERIC_VA_BITS)

// The level-1 table of the first map, written by entry.S.
extern uint64_t vmb_first_map_table[GENERIC_LEVEL1_ENTRIES];

// The rest of vmb_platform_map(), after the image has been relocated. `tree` is the result of entry.S: a
// multiple of 8 where the magic number and a size of at most TREE_SIZE_MAX were found, or GENERIC_NO_TREE.
void vmb_generic_set_up(uintptr_t tree, bool at_el2);

// Ends translations by TTBR1: the window is gone.
void vmb_window_close(void);

#endif

#endif
