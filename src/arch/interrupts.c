// SPDX-License-Identifier: Apache-2.0

// Masking of interrupts and SErrors.

#include "interrupts.h"

#include "sysreg.h"

uint64_t vmb_interrupts_mask(void)
{
	uint64_t daif;

	__asm__ volatile("mrs %0, daif\n\t"
			 "msr daifset, %1"
			 : "=r"(daif)
			 : "i"(DAIF_SERROR | DAIF_IRQ | DAIF_FIQ)
			 : "memory");
	return daif;
}

void vmb_interrupts_restore(uint64_t daif)
{
	__asm__ volatile("msr daif, %0" : : "r"(daif) : "memory");
}
