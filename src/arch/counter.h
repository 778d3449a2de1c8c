// SPDX-License-Identifier: Apache-2.0

// The CPU's counter (Arm DDI 0487, issue K.a, The Generic Timer).

#ifndef VMB_COUNTER_H
#define VMB_COUNTER_H

#include <stdint.h>

// CNTFRQ_EL0, in Hz. 0 if firmware has not set it: then the counter measures nothing. Its upper half is RES0.
static inline uint32_t vmb_counter_frequency_hz(void)
{
	uint64_t frequency;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	return (uint32_t)frequency;
}

// CNTVCT_EL0. The ISB keeps the CPU from reading the counter early, even before the time that is to be measured
// begins.
static inline uint64_t vmb_counter_read(void)
{
	uint64_t count;

	__asm__ volatile("isb\n\t"
			 "mrs %0, cntvct_el0"
			 : "=r"(count)
			 :
			 : "memory");
	return count;
}

#endif
