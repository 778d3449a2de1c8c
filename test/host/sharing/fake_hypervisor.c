// SPDX-License-Identifier: Apache-2.0

// A hypervisor that shares pages and can refuse: the implementation.

#include "fake_hypervisor.h"

#include <vmbase/hypervisor.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CAPACITY 16384

struct fake_hypervisor fake_hypervisor;

static uint64_t shared[CAPACITY];
static size_t shared_count;

void fake_hypervisor_reset(size_t granule_bytes)
{
	fake_hypervisor = (struct fake_hypervisor){ .granule_bytes = granule_bytes };
	shared_count = 0;
}

size_t fake_hypervisor_shared_count(void)
{
	return shared_count;
}

uint64_t fake_hypervisor_shared_address(size_t index)
{
	return shared[index];
}

// Returns the index of a granule in the list of shared granules, or the length of the list.
static size_t find(uint64_t address)
{
	size_t index = 0;

	while (index < shared_count && shared[index] != address) {
		index++;
	}
	return index;
}

bool fake_hypervisor_shares(uintptr_t begin, size_t size_bytes)
{
	uintptr_t granule = begin - begin % fake_hypervisor.granule_bytes;

	for (; granule < begin + size_bytes; granule += fake_hypervisor.granule_bytes) {
		if (find(granule) == shared_count) {
			return false;
		}
	}
	return true;
}

static bool is_refused(void)
{
	if (fake_hypervisor.calls_before_refusal > 0) {
		fake_hypervisor.calls_before_refusal--;
		return false;
	}
	if (fake_hypervisor.refusals > 0) {
		fake_hypervisor.refusals--;
		return true;
	}
	return false;
}

static enum vmbase_error refusal(enum vmbase_error error)
{
	if (fake_hypervisor.first_refusal == VMBASE_OK) {
		fake_hypervisor.first_refusal = error;
	}
	return error;
}

enum vmbase_error vmbase_hypervisor_sharing_granule(size_t *granule_bytes)
{
	fake_hypervisor.granule_calls++;
	if (fake_hypervisor.granule_bytes == 0) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	// Like vmbase_hypervisor_sharing_granule(), which refuses an invalid granule.
	if (fake_hypervisor.granule_bytes != 4096 && fake_hypervisor.granule_bytes != 16384 &&
	    fake_hypervisor.granule_bytes != 65536) {
		return VMBASE_ERROR_UNKNOWN_STATUS;
	}
	*granule_bytes = fake_hypervisor.granule_bytes;
	return VMBASE_OK;
}

// Errors that the library returns itself. It must not call the hypervisor in these cases.
static void assert_granule(uint64_t address, bool is_shared)
{
	assert_true(fake_hypervisor.granule_bytes != 0);
	assert_int_equal(address % fake_hypervisor.granule_bytes, 0);
	assert_int_equal(find(address) != shared_count, is_shared);
}

enum vmbase_error vmbase_hypervisor_share(struct vmbase_phys phys)
{
	fake_hypervisor.share_calls++;
	assert_granule(phys.address, false);
	if (is_refused()) {
		return refusal(VMBASE_ERROR_INVALID_ARGUMENT);
	}
	if (fake_hypervisor.before_share != NULL) {
		fake_hypervisor.before_share(phys.address);
	}
	assert_true(shared_count < CAPACITY);
	shared[shared_count++] = phys.address;
	return VMBASE_OK;
}

enum vmbase_error vmbase_hypervisor_unshare(struct vmbase_phys phys)
{
	fake_hypervisor.unshare_calls++;
	assert_granule(phys.address, true);
	if (phys.address == fake_hypervisor.stuck_address && phys.address != 0) {
		return refusal(VMBASE_ERROR_DENIED);
	}
	if (is_refused()) {
		return refusal(VMBASE_ERROR_UNKNOWN_STATUS);
	}
	shared[find(phys.address)] = shared[shared_count - 1];
	shared_count--;
	return VMBASE_OK;
}
