// SPDX-License-Identifier: Apache-2.0

// Pools with invalid arguments, and pools whose hypervisor or source refuses.

#include <vmbase/sharing.h>

#include "fake_hypervisor.h"
#include "pools.h"
#include "source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GRANULE 4096
#define GROWTH 16384

static const struct kind *const small_granules = &kinds[0];

static void invalid_arguments_are_refused(void **state)
{
	struct vmbase_sharing_source incomplete = source;
	struct vmbase_range region = static_region();
	struct vmbase_sharing_pool other;
	struct vmbase_sharing_pool untouched;

	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		open_pool(&kinds[k], 0);
		assert_alloc_fails(VMBASE_ERROR_INVALID_ARGUMENT, 0, 64);
		assert_alloc_fails(VMBASE_ERROR_INVALID_ARGUMENT, 64, 0);
		assert_alloc_fails(VMBASE_ERROR_INVALID_ARGUMENT, 64, 3);
		assert_alloc_fails(VMBASE_ERROR_INVALID_ARGUMENT, 64, 96);
		assert_alloc_fails(VMBASE_ERROR_INVALID_ARGUMENT, 64, SIZE_MAX);
		close_pool();
	}
	memset(&other, SECRET, sizeof(other));
	untouched = other;
	assert_int_equal(vmbase_sharing_pool_init(&other, &source, SIZE_MAX / 2 + 1),
			 VMBASE_ERROR_INVALID_ARGUMENT);
	incomplete.allocate = NULL;
	assert_int_equal(vmbase_sharing_pool_init(&other, &incomplete, 0), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_sharing_pool_init_static(&other, &incomplete, region),
			 VMBASE_ERROR_INVALID_ARGUMENT);
	incomplete = source;
	incomplete.free = NULL;
	assert_int_equal(vmbase_sharing_pool_init(&other, &incomplete, 0), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_sharing_pool_init_static(&other, &incomplete, region),
			 VMBASE_ERROR_INVALID_ARGUMENT);
	assert_memory_equal(&other, &untouched, sizeof(other));
}

static void invalid_static_region_is_refused(void **state)
{
	struct vmbase_range good = static_region();
	struct vmbase_sharing_pool other;
	struct vmbase_sharing_pool untouched;

	(void)state;
	source_reset();
	memset(&other, SECRET, sizeof(other));
	untouched = other;
	assert_int_equal(vmbase_sharing_pool_init_static(&other, &source,
							 (struct vmbase_range){ good.begin, good.begin }),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(
		vmbase_sharing_pool_init_static(&other, &source, (struct vmbase_range){ good.end, good.begin }),
		VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_sharing_pool_init_static(&other, &source,
							 (struct vmbase_range){ good.begin + 8, good.end }),
			 VMBASE_ERROR_UNALIGNED);
	assert_int_equal(vmbase_sharing_pool_init_static(&other, &source,
							 (struct vmbase_range){ good.begin, good.end - 8 }),
			 VMBASE_ERROR_UNALIGNED);
	source_allocations_left = 0;
	assert_int_equal(vmbase_sharing_pool_init_static(&other, &source, good), VMBASE_ERROR_NO_MEMORY);
	source_allocations_left = 1;
	assert_int_equal(
		vmbase_sharing_pool_init_static(&other, &source, (struct vmbase_range){ 0, SIZE_MAX - 63 }),
		VMBASE_ERROR_NO_MEMORY);
	assert_memory_equal(&other, &untouched, sizeof(other));
}

static void an_invalid_granule_is_an_error(void **state)
{
	struct vmbase_sharing_pool other;
	struct vmbase_sharing_pool untouched;

	(void)state;
	fake_hypervisor_reset(8192);
	memset(&other, SECRET, sizeof(other));
	untouched = other;
	assert_int_equal(vmbase_sharing_pool_init(&other, &source, 0), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_memory_equal(&other, &untouched, sizeof(other));
}

static void sizes_do_not_overflow(void **state)
{
	static const size_t sizes[] = { SIZE_MAX,         SIZE_MAX - 62, SIZE_MAX - 63,    SIZE_MAX - 4095,
					SIZE_MAX / 2 + 1, SIZE_MAX / 2,  SIZE_MAX / 4 + 1, SIZE_MAX / 4 };

	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		open_pool(&kinds[k], SIZE_MAX / 2);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, sizes[i], 64);
			assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, sizes[i], SIZE_MAX / 2 + 1);
			assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, sizes[i], SIZE_MAX / 4 + 1);
		}
		for (size_t shift = 32; shift < 64; shift++) {
			assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, 64, (size_t)1 << shift);
		}
		assert_int_equal(source_chunk_count(), 0);
		close_pool();
	}
}

static void empty_source_is_an_error(void **state)
{
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		open_pool(&kinds[k], 0);
		// The source gives nothing; then only the record.
		for (size_t allocations = 0; allocations < 2; allocations++) {
			source_allocations_left = allocations;
			assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, 64, 64);
			assert_int_equal(source_block_count(), 0);
			assert_int_equal(fake_hypervisor.share_calls, 0);
		}
		source_allocations_left = 2;
		must_free(must_alloc(64, 64));
		close_pool();
	}
}

static void scarce_source_gives_the_needed_size(void **state)
{
	struct buffer buffer;

	(void)state;
	open_pool(small_granules, 0x100000);
	source_limit_bytes = 2 * GRANULE;
	buffer = must_alloc(GRANULE + 1, 64);
	assert_int_equal(pool_bytes(), 2 * GRANULE);
	assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, 2 * GRANULE + 1, 64);
	must_free(buffer);
	close_pool();
}

static void memory_that_is_not_ram_is_not_shared(void **state)
{
	(void)state;
	open_pool(small_granules, 0);
	assert_int_equal(vmbase_sharing_set_ram((struct vmbase_range){ 0, GRANULE }), VMBASE_OK);
	assert_alloc_fails(VMBASE_ERROR_OUT_OF_RANGE, 64, 64);
	assert_int_equal(fake_hypervisor.share_calls, 0);
	assert_int_equal(source_block_count(), 0);
	assert_int_equal(vmbase_sharing_set_ram((struct vmbase_range){ 0, UINTPTR_MAX }), VMBASE_OK);
	close_pool();
}

static void misaligned_source_is_an_error(void **state)
{
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		open_pool(&kinds[k], 0);
		source_misalignment = 64;
		assert_alloc_fails(VMBASE_ERROR_UNALIGNED, 64, 64);
		assert_int_equal(source_block_count(), 0);
		close_pool();
	}
}

static void refused_chunk_goes_back_to_the_source(void **state)
{
	(void)state;
	open_pool(small_granules, 0);
	for (size_t before = 0; before < GROWTH / GRANULE; before++) {
		fake_hypervisor.calls_before_refusal = before;
		fake_hypervisor.refusals = 1;
		assert_alloc_fails(VMBASE_ERROR_INVALID_ARGUMENT, 64, 64);
		assert_int_equal(source_block_count(), 0);
	}
	must_free(must_alloc(64, 64));
	close_pool();
}

static void chunk_with_a_shared_granule_is_kept(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(small_granules, 0);
	// The share of the third granule is refused. Then the unshare of the second is refused too, and the
	// first is unshared.
	fake_hypervisor.calls_before_refusal = 2;
	fake_hypervisor.refusals = 2;
	assert_alloc_fails(VMBASE_ERROR_BUSY, 64, 64);
	assert_int_equal(pool_bytes(), GRANULE);
	assert_int_equal(fake_hypervisor_shared_count(), 1);
	assert_int_equal(source_chunk_count(), 1);

	buffers[0] = must_alloc(GRANULE, 64);
	assert_pool_holds(buffers, 1);
	assert_int_equal(source_chunk_count(), 1);
	buffers[1] = must_alloc(64, 64);
	assert_pool_holds(buffers, 2);
	assert_int_equal(source_chunk_count(), 2);
	must_free(buffers[0]);
	assert_int_equal(source_chunk_count(), 1);
	must_free(buffers[1]);
	close_pool();
}

static void chunk_that_stays_shared_is_used_again(void **state)
{
	struct buffer buffer;

	(void)state;
	open_pool(small_granules, 0);
	buffer = must_alloc(GROWTH, 64);
	fake_hypervisor.refusals = 2;
	must_free(buffer);
	assert_no_buffer(buffer.memory);
	assert_int_equal(pool_bytes(), GROWTH);
	host_writes(0xff);
	buffer = must_alloc(GROWTH, 64);
	assert_int_equal(fake_hypervisor.share_calls, GROWTH / GRANULE);
	must_free(buffer);
	assert_int_equal(source_block_count(), 0);
	close_pool();
}

static void part_that_stays_shared_is_used_again(void **state)
{
	struct buffer buffers[4];

	(void)state;
	open_pool(small_granules, 0);
	buffers[0] = must_alloc(GROWTH, 64);
	fake_hypervisor.stuck_address = (uintptr_t)buffers[0].memory + GRANULE;
	must_free(buffers[0]);
	assert_int_equal(pool_bytes(), GRANULE);
	assert_int_equal(source_chunk_count(), 1);
	// Only the granule that is still shared is used.
	buffers[1] = must_alloc(64, 64);
	assert_ptr_equal(buffers[1].memory, buffers[0].memory + GRANULE);
	buffers[2] = must_alloc(GRANULE, 64);
	assert_pool_holds(&buffers[1], 2);
	assert_int_equal(source_chunk_count(), 2);
	// The size fits, but an aligned buffer would end outside the granule.
	buffers[3] = must_alloc(GRANULE - 64, 128);
	assert_pool_holds(&buffers[1], 3);
	must_free(buffers[1]);
	must_free(buffers[2]);
	must_free(buffers[3]);
	assert_int_equal(vmbase_sharing_pool_destroy(&pool), VMBASE_ERROR_DENIED);
	assert_int_equal(source_chunk_count(), 1);
	fake_hypervisor.stuck_address = 0;
	close_pool();
}

static void pool_with_buffers_is_not_destroyed(void **state)
{
	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct buffer buffer;

		open_pool(&kinds[k], 0);
		buffer = must_alloc(64, 64);
		assert_int_equal(vmbase_sharing_pool_destroy(&pool), VMBASE_ERROR_BUSY);
		assert_pool_holds(&buffer, 1);
		must_free(buffer);
		close_pool();
	}
}

static void destroy_continues_after_an_error(void **state)
{
	struct buffer buffers[3];

	(void)state;
	open_pool(small_granules, 3 * GROWTH);
	source_limit_bytes = GROWTH;
	for (size_t i = 0; i < COUNT(buffers); i++) {
		buffers[i] = must_alloc(GROWTH, 64);
	}
	for (size_t i = 0; i < COUNT(buffers); i++) {
		must_free(buffers[i]);
	}
	assert_int_equal(source_chunk_count(), 3);
	fake_hypervisor.stuck_address = (uintptr_t)buffers[0].memory;
	fake_hypervisor.calls_before_refusal = 2 * GROWTH / GRANULE - 1;
	fake_hypervisor.refusals = 2;
	assert_int_equal(vmbase_sharing_pool_destroy(&pool), VMBASE_ERROR_DENIED);
	assert_int_equal(source_chunk_count(), 2);
	fake_hypervisor.stuck_address = 0;
	close_pool();
}

static void unshare_all_empties_a_pool(void **state)
{
	struct buffer buffers[3];

	(void)state;
	open_pool(small_granules, GROWTH);
	buffers[0] = must_alloc(64, 64);
	buffers[1] = must_alloc(64, 64);
	assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	assert_int_equal(pool_bytes(), 0);
	// Memory that is no longer shared is not allocated.
	buffers[2] = must_alloc(64, 64);
	assert_true(fake_hypervisor_shares((uintptr_t)buffers[2].memory, 64));
	must_free(buffers[0]);
	must_free(buffers[1]);
	assert_int_equal(source_chunk_count(), 1);
	assert_pool_holds(&buffers[2], 1);
	must_free(buffers[2]);
	close_pool();
}

static void chunk_returns_to_the_source_after_unshare_all(void **state)
{
	struct buffer buffer;

	(void)state;
	open_pool(small_granules, GROWTH);
	buffer = must_alloc(64, 64);
	assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	must_free(buffer);
	assert_int_equal(source_block_count(), 0);
	close_pool();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invalid_arguments_are_refused),
		cmocka_unit_test(invalid_static_region_is_refused),
		cmocka_unit_test(an_invalid_granule_is_an_error),
		cmocka_unit_test(sizes_do_not_overflow),
		cmocka_unit_test(empty_source_is_an_error),
		cmocka_unit_test(scarce_source_gives_the_needed_size),
		cmocka_unit_test(memory_that_is_not_ram_is_not_shared),
		cmocka_unit_test(misaligned_source_is_an_error),
		cmocka_unit_test(refused_chunk_goes_back_to_the_source),
		cmocka_unit_test(chunk_with_a_shared_granule_is_kept),
		cmocka_unit_test(chunk_that_stays_shared_is_used_again),
		cmocka_unit_test(part_that_stays_shared_is_used_again),
		cmocka_unit_test(pool_with_buffers_is_not_destroyed),
		cmocka_unit_test(destroy_continues_after_an_error),
		cmocka_unit_test(unshare_all_empties_a_pool),
		cmocka_unit_test(chunk_returns_to_the_source_after_unshare_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
