// SPDX-License-Identifier: Apache-2.0

// QEMU, machine `virt`: RAM from 0x40000000, a PL011 at 0x09000000 (QEMU, docs/system/arm/virt.rst).

#include <vmbase/console.h>

#include "../../base/align.h"
#include "../fixed_map.h"

#include <stdalign.h>

#define UART UINT64_C(0x09000000)
#define RAM UINT64_C(0x40000000)

// With 256 MiB of RAM or more, this is where QEMU puts the device tree of a raw image: 128 MiB into RAM.
#define DTB UINT64_C(0x48000000)
#define DTB_SIZE UINT64_C(0x200000)

alignas(64) const uint64_t vmb_first_map[FIXED_MAP_LEVEL1_ENTRIES] = {
	[RAM / GIB] = FIRST_MAP_BLOCK(RAM),
};

const struct vmb_region vmb_boot_regions[] = {
	BOOT_MAP_IMAGE_REGIONS,
	{ DTB, DTB + DTB_SIZE, BOOT_MAP_RODATA },
	{ UART, UART + VMB_PAGE_SIZE, BOOT_MAP_DEVICE },
	{ 0 },
};

VMBASE_CONSOLE_PL011(UART);
