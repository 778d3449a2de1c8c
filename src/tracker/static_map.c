// SPDX-License-Identifier: Apache-2.0

// The boot map, as the tracker sees it.

#include "static_map.h"

#include <vmbase/page_table.h>

#include "../base/align.h"
#include "../console/console_driver.h"

struct vmb_static_map vmb_static_map(void)
{
	const bool has_console = vmbase_console.base != VMB_NO_CONSOLE;
	const uintptr_t console = vmb_align_down(vmb_console_physical(), VMBASE_PAGE_SIZE);
	const struct vmbase_range noinit = { (uintptr_t)vmb_noinit_begin, (uintptr_t)vmb_noinit_end };
	const bool is_empty = noinit.begin == noinit.end;

	return (struct vmb_static_map){
		.regions = vmb_boot_regions,
		.console = has_console ? (struct vmbase_range){ console, console + VMBASE_PAGE_SIZE }
				       : (struct vmbase_range){ 0, 0 },
		.writable = { (uintptr_t)vmb_console_alias, (uintptr_t)vmb_page_tables_end },
		.data = { (uintptr_t)vmb_data_begin, (uintptr_t)vmb_bss_end },
		.noinit = is_empty ? (struct vmbase_range){ 0, 0 } : noinit,
	};
}
