// SPDX-License-Identifier: Apache-2.0

#ifndef VMB_INTERRUPTS_H
#define VMB_INTERRUPTS_H

#include <stdint.h>

// Masks IRQs, FIQs and SErrors on this CPU, and returns what vmb_interrupts_restore() takes.
uint64_t vmb_interrupts_mask(void);
void vmb_interrupts_restore(uint64_t daif);

#endif
