// SPDX-License-Identifier: Apache-2.0

// A machine that the guest describes: its image.ld has the MEMORY, and its idmap.S has the level-1 table
// `idmap`. That map stays in use.

#include <vmbase/console.h>

#include "../platform.h"
#include "../../arch/sysreg.h"
#include "../../image/regions.h"

#define IDMAP_VA_BITS 39

extern const uint64_t idmap[];

const struct vmb_mmu_registers vmb_first_mmu = {
	.ttbr0 = (uintptr_t)idmap,
	.tcr = TCR_EL1_BASE | TCR_EL1_T0SZ(64 - IDMAP_VA_BITS),
	.sctlr = SCTLR_EL1_MMU_ON | SCTLR_EL1_WXN,
};

void vmb_platform_map(uintptr_t tree, bool at_el2)
{
	(void)tree, (void)at_el2;
}

void vmb_platform_ready(void)
{
}

// The regions that <vmbase/tracker.h> takes over. Only the guest knows what its map has in addition.
const struct vmb_region vmb_boot_regions[] = {
	BOOT_MAP_IMAGE_REGIONS,
	{ 0 },
};

// The console of crosvm, unless the guest states another one.
extern const struct vmbase_console vmbase_console;
__attribute__((weak))
const struct vmbase_console vmbase_console = { .driver = &vmbase_uart_8250, .base = 0x3f8 };
