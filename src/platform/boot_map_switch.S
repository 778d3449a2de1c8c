// SPDX-License-Identifier: Apache-2.0

// Switches to the boot map.

#include "../arch/asm.h"
#include "../arch/sysreg.h"

// void vmb_boot_map_switch(uint64_t ttbr0)
// In: x0 TTBR0_EL1, whose ASID differs from the one in use. Clobbers: x0. Stack: none.
func vmb_boot_map_switch
	// The entries of the tables are visible before the first walk may read them.
	dsb	ishst
	msr	ttbr0_el1, x0
	// In the old map, pages are writable and executable, those of this code included. So the new map is in use
	// before WXN takes effect.
	isb
	mrs	x0, sctlr_el1
	orr	x0, x0, #SCTLR_EL1_WXN
	msr	sctlr_el1, x0
	isb
	// A TLB entry may contain WXN (DDI 0487, issue K.a, SCTLR_EL1), and the entries of the old map are useless.
	tlbi	vmalle1
	dsb	nsh
	isb
	ret
endfunc vmb_boot_map_switch
