// SPDX-License-Identifier: Apache-2.0

// The last resort of code that cannot go on.

#include "asm.h"
#include "sysreg.h"

// [[noreturn]] void vmb_halt(void)
// In: nothing, not even a stack.
func vmb_halt
	msr	daifset, #DAIF_ALL
1:	wfi
	b	1b
endfunc vmb_halt
