// SPDX-License-Identifier: Apache-2.0

// The table of exception vectors that this CPU uses.

#ifndef VMB_VECTORS_H
#define VMB_VECTORS_H

// Writes VBAR_EL1. The ISB comes before anything that could fault.
static inline void vmb_use_vectors(const char *vectors)
{
	__asm__ volatile("msr vbar_el1, %0\n\t"
			 "isb"
			 :
			 : "r"(vectors)
			 : "memory");
}

#endif
