// SPDX-License-Identifier: Apache-2.0

// Masking of interrupts, SErrors and debug exceptions on this CPU.

#ifndef VMB_INTERRUPTS_H
#define VMB_INTERRUPTS_H

#include "sysreg.h"

#include <stdint.h>

// Masks IRQs, FIQs and SErrors on this CPU. Returns the old mask, for vmb_interrupts_restore().
uint64_t vmb_interrupts_mask(void);
void vmb_interrupts_restore(uint64_t daif);

// Unmasks SErrors and debug exceptions. The reset leaves some fields of MDSCR_EL1 with any value (DDI 0487,
// issue K.a, MDSCR_EL1): it is cleared first, and the ISB keeps the CPU from taking a breakpoint that firmware
// has left. Always inline: otherwise the compiler inlines nothing into a function that does not return.
__attribute__((always_inline)) static inline void vmb_interrupts_unmask_aborts(void)
{
	__asm__ volatile("msr mdscr_el1, xzr\n\t"
			 "isb\n\t"
			 "msr daifclr, %0"
			 :
			 : "i"(DAIF_DEBUG | DAIF_SERROR)
			 : "memory");
}

#endif
