// SPDX-License-Identifier: Apache-2.0

// The ranges that are known only after the boot: the image, the device tree, RAM.

#include <vmbase/layout.h>

#include "../../image/symbols.h"
#include "generic.h"

struct vmbase_range vmb_image_range(void)
{
	return (struct vmbase_range){ .begin = (uintptr_t)vmb_text_begin, .end = (uintptr_t)vmb_image_end };
}

struct vmbase_range vmbase_layout_dtb(void)
{
	return vmb_generic_found()->tree_range;
}

struct vmbase_range vmbase_layout_ram(void)
{
	return vmb_generic_found()->ram;
}
