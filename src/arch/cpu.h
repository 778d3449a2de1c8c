// SPDX-License-Identifier: Apache-2.0

// The CPU's identification registers. Hypervisors trap each read of them (HCR_EL2.TID2 and TID3), so that a
// read is an exit from the guest. Therefore each register is read once and remembered. All CPUs of a VM have
// the same values.

#ifndef VMB_ARCH_CPU_H
#define VMB_ARCH_CPU_H

#include <stdint.h>

// Returns a field of four bits.
#define VMB_ID_FIELD(value, shift) ((unsigned int)((value) >> (shift)) & 0xf)

uint64_t vmb_cpu_isar0(void); // ID_AA64ISAR0_EL1
uint64_t vmb_cpu_mmfr0(void); // ID_AA64MMFR0_EL1
uint64_t vmb_cpu_mmfr1(void); // ID_AA64MMFR1_EL1
uint64_t vmb_cpu_ctr(void);   // CTR_EL0

// MPIDR_EL1, which differs from CPU to CPU. It is never 0: its bit 31 is RES1.
static inline uint64_t vmb_cpu_mpidr(void)
{
	uint64_t mpidr;

	__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
	return mpidr;
}

#endif
