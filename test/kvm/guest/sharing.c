// SPDX-License-Identifier: Apache-2.0

// Memory that the host can read while it is shared, and not before or after. The host says itself what it can
// read.

#include "../../guest/support/tap.h"
#include "host.h"
#include "memory.h"

#include <vmbase/hypervisor.h>
#include <vmbase/main.h>
#include <vmbase/sharing.h>

#define SECRET UINT64_C(0x1122334455667788)
#define FROM_HOST UINT64_C(0x99aabbccddeeff00)
#define NOT_RAM UINT64_C(0x10000000)

#define GRANULE_MAX 65536

static uint64_t region[4][GRANULE_MAX / sizeof(uint64_t)] __attribute__((aligned(GRANULE_MAX)));

static bool is_zero(const unsigned char *bytes, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

static void check_ranges(size_t granule)
{
	struct vmbase_sharing_record record = { 0 }, second = { 0 };
	uintptr_t begin = (uintptr_t)region[1];
	volatile uint64_t *word = region[1];
	uint64_t calls;

	*word = SECRET;
	tap_ok(host_cannot_read(begin), "the host cannot read a private page");
	calls = host_register(TEST_DEVICE_HYPERCALLS);
	tap_ok(vmbase_sharing_share(&record, vmbase_range_at(begin, 2 * granule)) == VMBASE_OK,
	       "two granules are shared");
	// The VMM counts the calls that it answers itself; at the boot there has been one at least.
	tap_ok(calls == 0 || host_register(TEST_DEVICE_HYPERCALLS) == calls + 2, "by a call each");
	tap_ok(host_reads(begin, SECRET) && host_reads(begin + 2 * granule - 8, 0),
	       "the host reads all of them");
	tap_ok(host_cannot_read(begin - 8) && host_cannot_read(begin + 2 * granule),
	       "and no memory next to them");
	tap_ok(host_writes(begin, FROM_HOST) && *word == FROM_HOST, "a write of the host arrives");
	tap_ok(vmbase_sharing_share(&second, vmbase_range_at(begin + granule, granule)) == VMBASE_ERROR_OVERLAP,
	       "nothing is shared twice");
	tap_ok(vmbase_sharing_unshare(&record) == VMBASE_OK, "they are unshared");
	tap_ok(host_cannot_read(begin) && host_cannot_read(begin + granule), "then the host cannot read them");
	tap_ok(*word == FROM_HOST, "the guest can");
	tap_ok(vmbase_sharing_unshare(&record) == VMBASE_ERROR_NOT_FOUND, "nothing is unshared twice");
}

static void check_refusals(size_t granule)
{
	struct vmbase_sharing_record record = { 0 };
	uintptr_t begin = (uintptr_t)region[1];

	tap_ok(vmbase_sharing_share(&record, vmbase_range_at(begin + 8, granule)) == VMBASE_ERROR_UNALIGNED,
	       "an unaligned range is refused");
	tap_ok(vmbase_sharing_share(&record, vmbase_range_at(begin, granule / 2)) == VMBASE_ERROR_UNALIGNED,
	       "so is half a granule");
	// The hypervisor would answer with an external abort, and the guest would not come as far as the next
	// line.
	tap_ok(vmbase_sharing_share(&record, vmbase_range_at(NOT_RAM, granule)) == VMBASE_ERROR_OUT_OF_RANGE,
	       "so is what is not RAM");
	tap_ok(vmbase_sharing_share(&record, vmbase_range_at(UINTPTR_MAX - granule + 1, granule)) ==
		       VMBASE_ERROR_OUT_OF_RANGE,
	       "so is the end of the address space");
	tap_ok(vmbase_hypervisor_share(vmbase_phys_at(begin + 8)) == VMBASE_ERROR_INVALID_ARGUMENT,
	       "the hypervisor, too, refuses an unaligned address");
	tap_ok(vmbase_hypervisor_unshare(vmbase_phys_at(begin)) == VMBASE_ERROR_INVALID_ARGUMENT,
	       "and to unshare what is not shared");
	tap_ok(host_cannot_read(begin), "no granule of it was shared");
}

static void check_teardown(size_t granule)
{
	struct vmbase_sharing_record records[3] = { 0 };
	bool shared = true, gone = true;

	for (int i = 0; i < 3; i++) {
		shared = shared &&
			 vmbase_sharing_share(&records[i], vmbase_range_at((uintptr_t)region[i], granule)) ==
				 VMBASE_OK &&
			 host_look((uintptr_t)region[i]) == TEST_DEVICE_DONE;
	}
	tap_ok(shared, "three ranges are shared");
	tap_ok(vmbase_sharing_unshare_all() == VMBASE_OK, "all are unshared at once");
	for (int i = 0; i < 3; i++) {
		gone = gone && host_cannot_read((uintptr_t)region[i]);
	}
	tap_ok(gone, "the host can no longer read them");
}

// What holds of a pool on any hypervisor.
static void check_pool(size_t granule, bool shares)
{
	struct vmbase_sharing_pool pool;
	void *small = NULL, *large = NULL, *huge = &pool;

	tap_ok(vmbase_sharing_pool_init(&pool, &memory_source, 0) == VMBASE_OK, "a pool is made");
	tap_ok(vmbase_sharing_pool_allocate(&pool, 100, 64, &small) == VMBASE_OK && is_zero(small, 100),
	       "a small buffer is zero");
	tap_ok(vmbase_sharing_pool_allocate(&pool, granule + 1, 4096, &large) == VMBASE_OK &&
		       (uintptr_t)large % 4096 == 0,
	       "the pool grows for a larger one");
	tap_ok(host_reads((uintptr_t)small, 0) && host_reads((uintptr_t)large, 0) &&
		       host_reads(((uintptr_t)large + granule) / 8 * 8, 0),
	       "the host reads both");
	tap_ok(host_writes((uintptr_t)large, FROM_HOST) && *(volatile uint64_t *)large == FROM_HOST,
	       "and writes");
	tap_ok(vmbase_sharing_pool_allocate(&pool, sizeof(memory) * 2, 64, &huge) == VMBASE_ERROR_NO_MEMORY &&
		       huge == &pool,
	       "more than there is is an error");
	tap_ok(vmbase_sharing_pool_free(&pool, (char *)small + 64) == VMBASE_ERROR_NOT_FOUND,
	       "the middle of a buffer is not freed");
	tap_ok(vmbase_sharing_pool_free(&pool, small) == VMBASE_OK &&
		       vmbase_sharing_pool_free(&pool, large) == VMBASE_OK,
	       "both are freed");
	tap_ok(vmbase_sharing_pool_free(&pool, large) == VMBASE_ERROR_NOT_FOUND, "nothing is freed twice");
	tap_ok(vmbase_sharing_pool_statistics(&pool).shared_bytes == 0, "the pool has shrunk to nothing");
	tap_ok(!shares || (host_cannot_read((uintptr_t)small) && host_cannot_read((uintptr_t)large)),
	       "what it has given back is private, where anything is");
	tap_ok(vmbase_sharing_pool_destroy(&pool) == VMBASE_OK && memory_is_free(0, MEMORY_UNITS),
	       "it has given back all that it took");
}

// A static pool, such as Gunyah's: its region is shared from the start, here by hand where that takes a call.
static void check_static_pool(size_t granule, bool shares)
{
	struct vmbase_sharing_record record = { 0 };
	struct vmbase_sharing_pool pool;
	struct vmbase_range range = { (uintptr_t)region[3], (uintptr_t)region[3] + granule };
	void *buffer = NULL, *other = NULL;

	tap_ok(!shares || vmbase_sharing_share(&record, vmbase_range_at(range.begin, granule)) == VMBASE_OK,
	       "a region is shared");
	tap_ok(vmbase_sharing_pool_init_static(&pool, &memory_source, range) == VMBASE_OK,
	       "a static pool is made of it");
	tap_ok(vmbase_sharing_pool_allocate(&pool, granule / 2 + 1, 64, &buffer) == VMBASE_OK &&
		       (uintptr_t)buffer >= range.begin && (uintptr_t)buffer < range.end &&
		       host_reads((uintptr_t)buffer, 0),
	       "a buffer of it is in the region");
	tap_ok(vmbase_sharing_pool_allocate(&pool, granule / 2, 64, &other) == VMBASE_ERROR_NO_MEMORY,
	       "it does not grow");
	tap_ok(vmbase_sharing_pool_free(&pool, buffer) == VMBASE_OK && host_reads(range.begin, 0),
	       "a free buffer leaves the region shared");
	tap_ok(vmbase_sharing_pool_destroy(&pool) == VMBASE_OK && memory_is_free(0, MEMORY_UNITS),
	       "its records go back to where they came from");
	tap_ok(!shares || vmbase_sharing_unshare(&record) == VMBASE_OK, "the region is the guest's to unshare");
}

static void sharing(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	struct vmbase_sharing_record record = { 0 };
	size_t granule = 4096;
	enum vmbase_error error = vmbase_sharing_granule(&granule);
	bool shares = error == VMBASE_OK;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(host_register(TEST_DEVICE_ID) == TEST_DEVICE_ID_VALUE, "the host has its test device");
	vmbase_println("# %s, granules of %zu bytes", shares ? "memory is private" : "all memory is the host's",
		       granule);
	if (shares) {
		check_ranges(granule);
		check_refusals(granule);
		check_teardown(granule);
	} else {
		tap_ok(error == VMBASE_ERROR_UNSUPPORTED, "nothing is shared by call");
		tap_ok(vmbase_sharing_share(&record, vmbase_range_at((uintptr_t)region[1], granule)) ==
			       VMBASE_ERROR_UNSUPPORTED,
		       "a range is not shared");
	}
	check_pool(granule, shares);
	check_static_pool(granule, shares);
	tap_done();
}

VMBASE_MAIN(sharing);
