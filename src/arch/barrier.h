// SPDX-License-Identifier: Apache-2.0

// Barriers with a purpose.

#ifndef VMB_BARRIER_H
#define VMB_BARRIER_H

// Makes descriptors that were invalid, and now are valid, seen by walks of all CPUs. The ISB is there so that
// the code that comes next does not use a translation from before.
static inline void vmb_publish_descriptors(void)
{
	__asm__ volatile("dsb ishst\n\t"
			 "isb"
			 :
			 :
			 : "memory");
}

#endif
