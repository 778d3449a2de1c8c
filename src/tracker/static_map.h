// SPDX-License-Identifier: Apache-2.0

// The map in force at main, as the tracker sees it.

#ifndef VMB_STATIC_MAP_H
#define VMB_STATIC_MAP_H

#include "../image/regions.h"

#include <vmbase/layout.h>

struct vmb_static_map {
	const struct vmb_region *regions; // as vmb_boot_regions
	struct vmbase_range console;      // its page, physical; { 0, 0 } for none
	struct vmbase_range writable;     // what the image has of RAM, guards and page tables included
	struct vmbase_range data;         // the part of it that is variables
	struct vmbase_range
		noinit; // variables that are not initialised, apart from the others; { 0, 0 } for none
};

struct vmb_static_map vmb_static_map(void);

#endif
