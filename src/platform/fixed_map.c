// SPDX-License-Identifier: Apache-2.0

// The maps of a platform whose image runs at a fixed address.

#include "fixed_map.h"

#include "platform.h"

const struct vmb_mmu_registers vmb_first_mmu = {
	.ttbr0 = (uintptr_t)vmb_first_map + VMB_FIELD(FIRST_MAP_ASID, TTBR0_EL1_ASID_SHIFT),
	.tcr = TCR_EL1_BASE | TCR_EL1_T0SZ(64 - FIXED_MAP_VA_BITS),
	.sctlr = SCTLR_EL1_MMU_ON,
};

void vmb_platform_map(uintptr_t tree, bool at_el2)
{
	struct vmb_boot_map_builder builder;

	(void)tree, (void)at_el2;
	vmb_boot_map_begin(&builder, FIXED_MAP_LEVEL1_ENTRIES);
	vmb_boot_map_add(&builder, vmb_boot_regions);
	vmb_boot_map_switch(builder.level1);
}

void vmb_platform_ready(void)
{
}
