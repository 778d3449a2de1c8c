// SPDX-License-Identifier: Apache-2.0

// Pools of shared memory for tests: the implementation.

#include "pools.h"

#include "fake_hypervisor.h"
#include "source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UNIT_BYTES 64

const struct kind kinds[KIND_COUNT] = {
	{ .name = "shared by granules of 4 KiB", .granule_bytes = 4096 },
	{ .name = "shared by granules of 16 KiB", .granule_bytes = 16384 },
	{ .name = "shared by granules of 64 KiB", .granule_bytes = 65536 },
	{ .name = "plain memory" },
	{ .name = "a static region", .granule_bytes = 4096, .is_static = true },
};

struct vmbase_sharing_pool pool;
static const struct kind *kind;

static _Alignas(4096) unsigned char region_memory[REGION_BYTES + UNIT_BYTES];

// The host's heap may be at any address. sharing_test.c tests which addresses are RAM.
struct vmbase_range vmbase_layout_ram(void)
{
	return (struct vmbase_range){ 0, UINTPTR_MAX };
}

static void assert_no_secret_is_shared(uint64_t address)
{
	// NOLINTNEXTLINE(performance-no-int-to-ptr)
	const unsigned char *granule = (const unsigned char *)(uintptr_t)address;

	assert_true(source_chunk_contains(address, fake_hypervisor.granule_bytes));
	for (size_t i = 0; i < fake_hypervisor.granule_bytes; i++) {
		assert_int_equal(granule[i], 0);
	}
}

struct vmbase_range static_region(void)
{
	uintptr_t begin = (uintptr_t)region_memory + UNIT_BYTES;

	return (struct vmbase_range){ begin, begin + REGION_BYTES };
}

void open_pool(const struct kind *new_kind, size_t minimum_bytes)
{
	kind = new_kind;
	source_reset();
	fake_hypervisor_reset(kind->granule_bytes);
	fake_hypervisor.before_share = assert_no_secret_is_shared;
	if (kind->is_static) {
		memset(region_memory, SECRET, sizeof(region_memory));
		assert_int_equal(vmbase_sharing_pool_init_static(&pool, &source, static_region()), VMBASE_OK);
	} else {
		assert_int_equal(vmbase_sharing_pool_init(&pool, &source, minimum_bytes), VMBASE_OK);
	}
}

void close_pool(void)
{
	assert_int_equal(vmbase_sharing_pool_destroy(&pool), VMBASE_OK);
	assert_int_equal(source_block_count(), 0);
	assert_int_equal(fake_hypervisor_shared_count(), 0);
	assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	if (kind->is_static || kind->granule_bytes == 0) {
		assert_int_equal(fake_hypervisor.share_calls + fake_hypervisor.unshare_calls, 0);
	}
}

void host_writes(int value)
{
	if (kind->is_static) {
		memset(region_memory, value, sizeof(region_memory));
	}
	for (size_t i = 0; i < fake_hypervisor_shared_count(); i++) {
		// NOLINTNEXTLINE(performance-no-int-to-ptr)
		memset((void *)(uintptr_t)fake_hypervisor_shared_address(i), value, kind->granule_bytes);
	}
}

struct buffer must_alloc(size_t size_bytes, size_t alignment)
{
	struct buffer buffer = { .size_bytes = size_bytes };
	void *memory = NULL;

	assert_int_equal(vmbase_sharing_pool_allocate(&pool, size_bytes, alignment, &memory), VMBASE_OK);
	assert_non_null(memory);
	assert_int_equal((uintptr_t)memory % alignment, 0);
	buffer.memory = memory;
	for (size_t i = 0; i < size_bytes; i++) {
		assert_int_equal(buffer.memory[i], 0);
	}
	memset(memory, SECRET, size_bytes);
	return buffer;
}

void must_free(struct buffer buffer)
{
	assert_int_equal(vmbase_sharing_pool_free(&pool, buffer.memory), VMBASE_OK);
}

static void assert_in_the_pool(struct buffer buffer)
{
	uintptr_t begin = (uintptr_t)buffer.memory;

	if (kind->is_static) {
		assert_true(begin >= static_region().begin);
		assert_true(begin + buffer.size_bytes <= static_region().end);
	} else {
		assert_true(source_chunk_contains(begin, buffer.size_bytes));
		assert_true(kind->granule_bytes == 0 || fake_hypervisor_shares(begin, buffer.size_bytes));
	}
}

void assert_pool_holds(const struct buffer *buffers, size_t count)
{
	struct vmbase_sharing_pool_statistics statistics = vmbase_sharing_pool_statistics(&pool);
	size_t used_bytes = 0;

	for (size_t i = 0; i < count; i++) {
		if (buffers[i].memory == NULL) {
			continue;
		}
		assert_in_the_pool(buffers[i]);
		for (size_t j = 0; j < i; j++) {
			assert_true(buffers[j].memory == NULL ||
				    buffers[i].memory + buffers[i].size_bytes <= buffers[j].memory ||
				    buffers[j].memory + buffers[j].size_bytes <= buffers[i].memory);
		}
		used_bytes += (buffers[i].size_bytes + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
	}
	assert_int_equal(statistics.used_bytes, used_bytes);
	assert_true(statistics.peak_used_bytes >= used_bytes);
	assert_true(statistics.shared_bytes >= used_bytes);
	if (!kind->is_static && kind->granule_bytes != 0) {
		assert_int_equal(statistics.shared_bytes, fake_hypervisor_shared_count() * kind->granule_bytes);
	}
	for (size_t i = 0; i < fake_hypervisor_shared_count(); i++) {
		assert_true(source_chunk_contains(fake_hypervisor_shared_address(i), kind->granule_bytes));
	}
}

size_t pool_bytes(void)
{
	return vmbase_sharing_pool_statistics(&pool).shared_bytes;
}

void assert_alloc_fails(enum vmbase_error expected, size_t size_bytes, size_t alignment)
{
	int untouched;
	void *buffer = &untouched;

	assert_int_equal(vmbase_sharing_pool_allocate(&pool, size_bytes, alignment, &buffer), expected);
	assert_ptr_equal(buffer, &untouched);
}

void assert_no_buffer(void *address)
{
	struct vmbase_sharing_pool_statistics before = vmbase_sharing_pool_statistics(&pool);
	struct vmbase_sharing_pool_statistics after;

	assert_int_equal(vmbase_sharing_pool_free(&pool, address), VMBASE_ERROR_NOT_FOUND);
	after = vmbase_sharing_pool_statistics(&pool);
	assert_memory_equal(&before, &after, sizeof(before));
}
