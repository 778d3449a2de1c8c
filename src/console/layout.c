// SPDX-License-Identifier: Apache-2.0

// Gives the console's page.

#include <vmbase/layout.h>

#include "../base/after_boot.h"
#include "../base/align.h"
#include "console_driver.h"

struct vmbase_range vmbase_layout_console(void)
{
	VMB_AFTER_BOOT();

	const uintptr_t begin = vmb_align_down(vmbase_console.base, VMB_PAGE_SIZE);

	if (vmbase_console.base == VMB_NO_CONSOLE) {
		return (struct vmbase_range){ 0, 0 };
	}
	return (struct vmbase_range){ .begin = begin, .end = begin + VMB_PAGE_SIZE };
}

struct vmbase_phys vmbase_layout_console_physical(void)
{
	VMB_AFTER_BOOT();
	return vmbase_phys_at(vmb_align_down(vmb_console_physical(), VMB_PAGE_SIZE));
}
