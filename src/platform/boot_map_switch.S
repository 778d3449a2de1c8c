// SPDX-License-Identifier: Apache-2.0

// Switches to the boot map.

#include "../arch/asm.h"
#include "../arch/sysreg.h"

// void vmb_boot_map_switch(uint64_t ttbr0)
// In: x0 TTBR0_EL1, of another ASID than the one in force. Clobbers: x0. Stack: none.
func vmb_boot_map_switch
	// The tables' entries are written before the first walk that may read them.
	dsb	ishst
	msr	ttbr0_el1, x0
	// The old map has pages both writable and executable, this code's among them: it is out of use
	// before WXN comes into force.
	isb
	mrs	x0, sctlr_el1
	orr	x0, x0, #SCTLR_EL1_WXN
	msr	sctlr_el1, x0
	isb
	// WXN may be cached in a TLB entry (DDI 0487, issue K.a, SCTLR_EL1), and nothing of the old map is wanted.
	tlbi	vmalle1
	dsb	nsh
	isb
	ret
endfunc vmb_boot_map_switch
