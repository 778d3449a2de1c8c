// SPDX-License-Identifier: Apache-2.0

// The vendor-specific hypervisor services, as the library calls them.

#ifndef VMB_HYPERVISOR_H
#define VMB_HYPERVISOR_H

#include <vmbase/smccc.h>

#include "../smccc/smccc_call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMB_NOT_SUPPORTED UINT64_MAX // SMCCC's NOT_SUPPORTED, -1

// Hypervisors that answer the same calls in the same way.
enum vmb_hypervisor_family {
	VMB_FAMILY_OTHER,
	VMB_FAMILY_KVM,
	VMB_FAMILY_GENIEZONE,
	VMB_FAMILY_GUNYAH,
};

// Asks the hypervisor for its UID. Called once at boot, before anything else of this header.
void vmb_hypervisor_init(void);

enum vmb_hypervisor_family vmb_hypervisor_family(void);

// Makes one of the VENDOR_HYP_* calls and returns x0. Where the hypervisor is none that has them no call is
// made: what its vendor uses those function IDs for is not known.
uint64_t vmb_hypervisor_call(uint32_t function_id, uint64_t address);

// The error of a call that answers zero or an error.
enum vmbase_error vmb_hypervisor_status(uint32_t function_id, uint64_t x0);

// Makes a call that answers a granule or an error.
enum vmbase_error vmb_hypervisor_granule(uint32_t function_id, size_t *granule_bytes);

// Enrolls in the MMIO guard, if there is one, and maps the granule of the console: a physical address, or
// VMB_NO_ADDRESS without a console. After an error the console must not be touched. Called once at boot.
enum vmbase_error vmb_mmio_guard_init(uint64_t console);

#endif
