// SPDX-License-Identifier: Apache-2.0

// Closes the window through which the boot writes to read-only memory.

#include "../../arch/asm.h"
#include "../../arch/sysreg.h"

// void vmb_window_close(void)
// Clobbers: x0. Stack: none.
func vmb_window_close
	mrs	x0, tcr_el1
	orr	x0, x0, #TCR_EL1_EPD1
	msr	tcr_el1, x0
	// No new walk begins before the results of old walks are removed.
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	ret
endfunc vmb_window_close
