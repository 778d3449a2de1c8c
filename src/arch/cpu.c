// SPDX-License-Identifier: Apache-2.0

// Identification registers, each read once.

#include "cpu.h"

#include <stdatomic.h>

// Remembers the complement of the value: 0 means that it has not been read yet, since no such register is all
// ones. Two CPUs, or main and a handler, may do this at the same time: both store the same value.
#define READ_ONCE(name, assembler_name)                                                                        \
	uint64_t name(void)                                                                                    \
	{                                                                                                      \
		static _Atomic uint64_t remembered;                                                            \
		uint64_t complement = atomic_load_explicit(&remembered, memory_order_relaxed);                 \
                                                                                                               \
		if (complement == 0) {                                                                         \
			__asm__ volatile("mrs %0, " assembler_name : "=r"(complement));                        \
			complement = ~complement;                                                              \
			atomic_store_explicit(&remembered, complement, memory_order_relaxed);                  \
		}                                                                                              \
		return ~complement;                                                                            \
	}

READ_ONCE(vmb_cpu_isar0, "id_aa64isar0_el1")
READ_ONCE(vmb_cpu_mmfr0, "id_aa64mmfr0_el1")
READ_ONCE(vmb_cpu_mmfr1, "id_aa64mmfr1_el1")
READ_ONCE(vmb_cpu_ctr, "ctr_el0")
