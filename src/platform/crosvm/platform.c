// SPDX-License-Identifier: Apache-2.0

// crosvm: RAM from 0x80000000, four 8250s in the first page (crosvm, aarch64/src/lib.rs).

#include <vmbase/console.h>

#include "../../base/align.h"
#include "../fixed_map.h"

#include <stdalign.h>

#define UART UINT64_C(0x3f8)
// Where the UARTs' page is mapped: vmb_console_alias, as a number.
#define UART_PAGE UINT64_C(0x81000000)
#define RAM UINT64_C(0x80000000)

// With --bios, crosvm puts the device tree at the start of RAM.
#define DTB RAM
#define DTB_SIZE UINT64_C(0x200000)

alignas(64) const uint64_t vmb_first_map[FIXED_MAP_LEVEL1_ENTRIES] = {
	[RAM / GIB] = FIRST_MAP_BLOCK(RAM),
};

const struct vmb_region vmb_boot_regions[] = {
	BOOT_MAP_IMAGE_REGIONS,
	{ DTB, DTB + DTB_SIZE, BOOT_MAP_RODATA },
	{ UART_PAGE, UART_PAGE + VMB_PAGE_SIZE, BOOT_MAP_DEVICE - UART_PAGE },
	{ 0 },
};

VMBASE_CONSOLE_8250(UART_PAGE + UART);
