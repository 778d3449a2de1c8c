// SPDX-License-Identifier: Apache-2.0

// The boot map, as the tracker sees it.

#ifndef VMB_STATIC_MAP_H
#define VMB_STATIC_MAP_H

#include "../image/regions.h"

#include <vmbase/layout.h>

struct vmb_static_map {
	const struct vmb_region *regions; // as vmb_boot_regions
	struct vmbase_range console;      // its physical page; empty if there is no console
	struct vmbase_range writable;     // the image's RAM, with guards and page tables
	struct vmbase_range data;         // the part of `writable` that has variables
	struct vmbase_range noinit;       // variables that the boot does not initialise; may be empty
};

struct vmb_static_map vmb_static_map(void);

#endif
