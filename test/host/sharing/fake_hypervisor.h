// SPDX-License-Identifier: Apache-2.0

// A hypervisor that shares memory by call, as <vmbase/hypervisor.h> describes it.

#ifndef FAKE_HYPERVISOR_H
#define FAKE_HYPERVISOR_H

#include <vmbase/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_hypervisor {
	// What it answers when asked for its granule. 0: it does not share by call.
	size_t granule_bytes;

	// Calls since the reset.
	size_t granule_calls;
	size_t share_calls;
	size_t unshare_calls;

	// The sharing and unsharing calls that it refuses: as many as `refusals`, after `calls_before_refusal`
	// more.
	size_t calls_before_refusal;
	size_t refusals;

	// A granule that it never takes back, or 0.
	uint64_t stuck_address;

	// What it answered when it first refused something. Its answers differ: VMBASE_ERROR_INVALID_ARGUMENT
	// to a sharing, VMBASE_ERROR_UNKNOWN_STATUS to an unsharing, VMBASE_ERROR_DENIED to that of the stuck
	// granule.
	enum vmbase_error first_refusal;

	// Called before a granule is shared, if there is one.
	void (*before_share)(uint64_t address);
};

extern struct fake_hypervisor fake_hypervisor;

// Forgets all that is shared, and answers every call from now on.
void fake_hypervisor_reset(size_t granule_bytes);

// How many granules are shared, and the address of each.
size_t fake_hypervisor_shared_count(void);
uint64_t fake_hypervisor_shared_address(size_t index);

// Whether all granules of a range are shared.
bool fake_hypervisor_shares(uintptr_t begin, size_t size_bytes);

#endif
