// SPDX-License-Identifier: Apache-2.0

// A file of its own: the symbols exist only where the guest's MEMORY has a dtb_region.

#include <vmbase/layout.h>

#include "symbols.h"

struct vmbase_range vmbase_layout_dtb(void)
{
	return (struct vmbase_range){ .begin = (uintptr_t)vmb_dtb_begin, .end = (uintptr_t)vmb_dtb_end };
}
