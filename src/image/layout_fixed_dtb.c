// SPDX-License-Identifier: Apache-2.0

// The range of the device tree, for an image that runs at a fixed address. It is in a file of its own: the
// symbols exist only if the MEMORY of the linker script has a dtb_region.

#include <vmbase/layout.h>

#include "symbols.h"

struct vmbase_range vmbase_layout_dtb(void)
{
	return (struct vmbase_range){ .begin = (uintptr_t)vmb_dtb_begin, .end = (uintptr_t)vmb_dtb_end };
}
