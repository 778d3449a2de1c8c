// SPDX-License-Identifier: Apache-2.0

// The calls of the vendor-specific hypervisor services.

#ifndef VMB_HYPERVISOR_H
#define VMB_HYPERVISOR_H

#include <vmbase/smccc.h>

#include "../smccc/smccc_call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMB_NOT_SUPPORTED UINT64_MAX // SMCCC's NOT_SUPPORTED, -1

// A family of hypervisors, which answer the same calls in the same way.
enum vmb_hypervisor_family {
	VMB_FAMILY_OTHER,
	VMB_FAMILY_KVM,
	VMB_FAMILY_GENIEZONE,
	VMB_FAMILY_GUNYAH,
};

// Asks the hypervisor for its UID. Called once at boot, before the other functions of this header.
void vmb_hypervisor_init(void);

// Returns the family that vmb_hypervisor_init() found.
enum vmb_hypervisor_family vmb_hypervisor_family(void);

// Makes a VENDOR_HYP_* call and returns x0. Returns VMB_NOT_SUPPORTED without a call if the hypervisor's family
// does not have these calls: its vendor may use the function IDs for other purposes.
uint64_t vmb_hypervisor_call(uint32_t function_id, uint64_t address);

// Converts x0 of a call that answers 0 or an error.
//
// Errors: as vmbase_smccc_error(), and
//   VMBASE_ERROR_UNKNOWN_STATUS  when x0 is positive
enum vmbase_error vmb_hypervisor_status(uint32_t function_id, uint64_t x0);

// Makes a call that answers a granule or an error.
//
// Errors: as vmbase_smccc_error(), and
//   VMBASE_ERROR_UNKNOWN_STATUS  when the granule is not 4, 16 or 64 KiB
enum vmbase_error vmb_hypervisor_granule(uint32_t function_id, size_t *granule_bytes);

// Enrolls in the MMIO guard, if there is one, and maps the console's granule. `console` is a physical address,
// or VMB_NO_ADDRESS without a console. After an error the console must not be accessed. Called once at boot.
//
// Errors: as vmbase_mmio_guard_map() and vmb_hypervisor_granule(), and
//   VMBASE_ERROR_DENIED  when KVM has an MMIO guard and refuses to enroll the guest
enum vmbase_error vmb_mmio_guard_init(uint64_t console);

#endif
