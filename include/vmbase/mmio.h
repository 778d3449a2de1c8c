// SPDX-License-Identifier: Apache-2.0

// Reads and writes of device registers.
//
// Each function makes exactly one access of its size, by a load or store with a plain base register. Only for
// this form does the syndrome tell the hypervisor the register and the size of the access (Arm DDI 0487, issue
// K.a, ESR_EL2, ISV). For a volatile pointer a compiler may choose a pair or a write-back form, which ends the
// guest. Drivers use these functions and never dereference a device's address.
//
// `address` is the virtual address of the register, aligned to the size of the access and mapped as Device
// memory. Accesses to one device arrive in program order. They are not ordered against accesses to Normal
// memory.

#ifndef VMBASE_MMIO_H
#define VMBASE_MMIO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Read a register of 8, 16, 32 or 64 bits.
//
// Context: any
uint8_t vmbase_mmio_read8(uintptr_t address);
uint16_t vmbase_mmio_read16(uintptr_t address);
uint32_t vmbase_mmio_read32(uintptr_t address);
uint64_t vmbase_mmio_read64(uintptr_t address);

// Write a register of 8, 16, 32 or 64 bits.
//
// Context: any
void vmbase_mmio_write8(uintptr_t address, uint8_t value);
void vmbase_mmio_write16(uintptr_t address, uint16_t value);
void vmbase_mmio_write32(uintptr_t address, uint32_t value);
void vmbase_mmio_write64(uintptr_t address, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
