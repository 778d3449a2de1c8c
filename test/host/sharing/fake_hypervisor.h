// SPDX-License-Identifier: Apache-2.0

// A hypervisor that shares memory by call, as <vmbase/hypervisor.h> describes it.

#ifndef FAKE_HYPERVISOR_H
#define FAKE_HYPERVISOR_H

#include <vmbase/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_hypervisor {
	// The granule size that it reports. 0: it does not share by call.
	size_t granule_bytes;

	// Calls since the reset.
	size_t granule_calls;
	size_t share_calls;
	size_t unshare_calls;

	// It answers `calls_before_refusal` share and unshare calls, and then refuses `refusals` calls.
	size_t calls_before_refusal;
	size_t refusals;

	// A granule that it refuses to unshare, or 0.
	uint64_t stuck_address;

	// The error of its first refusal. A refused share call returns VMBASE_ERROR_INVALID_ARGUMENT, a
	// refused unshare call VMBASE_ERROR_UNKNOWN_STATUS, and an unshare call for the stuck granule
	// VMBASE_ERROR_DENIED.
	enum vmbase_error first_refusal;

	// Called before a granule is shared, unless NULL.
	void (*before_share)(uint64_t address);
};

extern struct fake_hypervisor fake_hypervisor;

// Resets the fake: nothing is shared, and no call is refused.
void fake_hypervisor_reset(size_t granule_bytes);

// The number of shared granules, and the address of each.
size_t fake_hypervisor_shared_count(void);
uint64_t fake_hypervisor_shared_address(size_t index);

// Returns whether all granules of a range are shared.
bool fake_hypervisor_shares(uintptr_t begin, size_t size_bytes);

#endif
