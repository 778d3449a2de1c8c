// SPDX-License-Identifier: Apache-2.0

// For exceptions that QEMU does not raise by itself: enters a slot of the vectors as the CPU does, on
// SP_EL1, with ELR_EL1 and SPSR_EL1 set.

#ifndef VECTOR_H
#define VECTOR_H

#include "crash.h"

#define CRASH_IN_VECTOR(offset)                                                                                \
	static void crash(void)                                                                                \
	{                                                                                                      \
		__asm__ volatile("adr x9, 1f\n\t"                                                              \
				 "msr elr_el1, x9\n\t"                                                         \
				 "mov x9, #0x3c4\n\t" /* EL1t, DAIF masked */                                  \
				 "msr spsr_el1, x9\n\t"                                                        \
				 "mrs x9, vbar_el1\n\t"                                                        \
				 "add x9, x9, #" #offset "\n\t"                                                \
				 "msr spsel, #1\n\t"                                                           \
				 "br x9\n"                                                                     \
				 "1:"                                                                          \
				 :                                                                             \
				 :                                                                             \
				 : "x9", "memory");                                                            \
	}                                                                                                      \
	CRASH(crash)

#endif
