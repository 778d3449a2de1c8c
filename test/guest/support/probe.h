// SPDX-License-Identifier: Apache-2.0

// Accesses that may fault: each returns ESR_EL1 of the fault, or 0 without a fault.

#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

uint64_t probe_read(uintptr_t address);
uint64_t probe_write(uintptr_t address);   // writes back what it reads, if it can read
uint64_t probe_execute(uintptr_t address); // of a RET instruction
uint64_t probe_read32(uintptr_t address);  // of a device, with the instruction of <vmbase/mmio.h>
uint64_t probe_write32(uintptr_t address); // writes zero, with the instruction of <vmbase/mmio.h>

extern uint64_t probe_far; // FAR_EL1 of the last fault

#define ESR_EC(esr) ((esr) >> 26 & 0x3f)
#define EC_INSTRUCTION_ABORT 0x21
#define EC_DATA_ABORT 0x25
#define ESR_IS_WRITE(esr) (((esr) >> 6 & 1) != 0)
#define ESR_IS_TRANSLATION_FAULT(esr) (((esr)&0x3c) == 0x04)
#define ESR_IS_PERMISSION_FAULT(esr) (((esr)&0x3c) == 0x0c)

#define RET_INSTRUCTION UINT32_C(0xd65f03c0)

#endif
