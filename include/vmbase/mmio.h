// SPDX-License-Identifier: Apache-2.0

// Device registers.
//
// Each function makes exactly one access of its size, by a load or store with a plain base register.
// That is the only form whose syndrome tells a hypervisor what was accessed (Arm DDI 0487, issue K.a,
// ESR_EL2, ISV): a pair, or a write-back form that a compiler may choose for a volatile pointer, kills
// the guest instead. Drivers go through these functions and never dereference a device's address.
//
// `address` is the virtual address of the register, aligned to the access's size, mapped as Device memory.
// Accesses to one device arrive in program order; none is ordered against Normal memory.

#ifndef VMBASE_MMIO_H
#define VMBASE_MMIO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint8_t vmbase_mmio_read8(uintptr_t address);
uint16_t vmbase_mmio_read16(uintptr_t address);
uint32_t vmbase_mmio_read32(uintptr_t address);
uint64_t vmbase_mmio_read64(uintptr_t address);

void vmbase_mmio_write8(uintptr_t address, uint8_t value);
void vmbase_mmio_write16(uintptr_t address, uint16_t value);
void vmbase_mmio_write32(uintptr_t address, uint32_t value);
void vmbase_mmio_write64(uintptr_t address, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
