// SPDX-License-Identifier: Apache-2.0

#include <vmbase/layout.h>

#include "../base/after_boot.h"
#include "console_driver.h"

#define PAGE_SIZE UINT64_C(0x1000)

struct vmbase_range vmbase_layout_console(void)
{
	VMB_AFTER_BOOT();

	const uintptr_t begin = vmbase_console.base & ~(PAGE_SIZE - 1);

	if (vmbase_console.base == VMB_NO_CONSOLE) {
		return (struct vmbase_range){ 0, 0 };
	}
	return (struct vmbase_range){ .begin = begin, .end = begin + PAGE_SIZE };
}

uint64_t vmbase_layout_console_physical(void)
{
	VMB_AFTER_BOOT();
	return vmb_console_physical() & ~(PAGE_SIZE - 1);
}
