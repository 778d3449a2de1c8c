// SPDX-License-Identifier: Apache-2.0

// Pools whose hypervisor and source refuse nothing.

#include <vmbase/sharing.h>

#include "fake_hypervisor.h"
#include "pools.h"
#include "source.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GRANULE 4096
#define GROWTH 16384

static const struct kind *const small_granules = &kinds[0];
static const struct kind *const plain_memory = &kinds[3];
static const struct kind *const static_memory = &kinds[4];

static void buffers_are_aligned_and_zeroed(void **state)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 100, 4096, 5000, 17 };
	struct buffer buffers[COUNT(sizes)] = { 0 };

	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		open_pool(&kinds[k], 0);
		for (int round = 0; round < 3; round++) {
			for (size_t i = 0; i < COUNT(sizes); i++) {
				buffers[i] = must_alloc(sizes[i], (size_t)1 << (2 * i));
				assert_pool_holds(buffers, i + 1);
				host_writes(0xff);
			}
			for (size_t i = 0; i < COUNT(sizes); i++) {
				must_free(buffers[i]);
			}
		}
		close_pool();
	}
}

static void large_buffers_are_contiguous(void **state)
{
	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct buffer buffers[2];

		open_pool(&kinds[k], 0);
		buffers[0] = must_alloc(5 * 4096 + 1, 4096);
		buffers[1] = must_alloc(0x20000, 4096);
		assert_pool_holds(buffers, 2);
		must_free(buffers[0]);
		must_free(buffers[1]);
		close_pool();
	}
}

static void alignment_may_exceed_the_granule(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(small_granules, 0);
	buffers[0] = must_alloc(64, 64);
	buffers[1] = must_alloc(64, 0x20000);
	assert_pool_holds(buffers, 2);
	must_free(buffers[1]);
	must_free(buffers[0]);
	close_pool();
}

static void granule_is_shared_by_one_call(void **state)
{
	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct buffer buffers[40];
		size_t granule_bytes = kinds[k].granule_bytes;

		open_pool(&kinds[k], 0);
		for (size_t i = 0; i < COUNT(buffers); i++) {
			buffers[i] = must_alloc(2000 + 100 * i, 64);
		}
		assert_int_equal(fake_hypervisor.share_calls * granule_bytes, pool_bytes());
		assert_int_equal(fake_hypervisor.unshare_calls, 0);
		assert_int_equal(fake_hypervisor.granule_calls, 1);
		for (size_t i = 0; i < COUNT(buffers); i++) {
			must_free(buffers[i]);
		}
		assert_int_equal(fake_hypervisor.unshare_calls, fake_hypervisor.share_calls);
		close_pool();
	}
}

static void pool_shares_only_when_it_needs_memory(void **state)
{
	struct buffer buffers[GROWTH / GRANULE + 1];

	(void)state;
	open_pool(small_granules, 0);
	assert_int_equal(pool_bytes(), 0);
	for (size_t i = 0; i < COUNT(buffers); i++) {
		buffers[i] = must_alloc(GRANULE, GRANULE);
		assert_int_equal(pool_bytes(), i < GROWTH / GRANULE ? GROWTH : 2 * GROWTH);
	}
	for (size_t i = 0; i < COUNT(buffers); i++) {
		must_free(buffers[i]);
	}
	close_pool();
}

static void free_chunk_goes_back_to_the_source(void **state)
{
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct buffer buffers[3];

		open_pool(&kinds[k], 0);
		buffers[0] = must_alloc(0x10000, 64);
		buffers[1] = must_alloc(0x10000, 64);
		buffers[2] = must_alloc(0x10000, 64);
		assert_int_equal(source_chunk_count(), 3);
		must_free(buffers[1]);
		assert_int_equal(source_chunk_count(), 2);
		assert_int_equal(pool_bytes(), 0x20000);
		must_free(buffers[0]);
		must_free(buffers[2]);
		assert_int_equal(source_block_count(), 0);
		assert_int_equal(pool_bytes(), 0);
		close_pool();
	}
}

static void chunk_stays_while_a_buffer_is_in_it(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(small_granules, 0);
	buffers[0] = must_alloc(64, 64);
	buffers[1] = must_alloc(64, 64);
	must_free(buffers[0]);
	assert_pool_holds(&buffers[1], 1);
	assert_int_equal(fake_hypervisor.unshare_calls, 0);
	must_free(buffers[1]);
	close_pool();
}

static void minimum_is_shared_at_once_and_kept(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(small_granules, 0x10000 - 1);
	assert_int_equal(pool_bytes(), 0);
	buffers[0] = must_alloc(64, 64);
	assert_int_equal(pool_bytes(), 0x10000);
	buffers[1] = must_alloc(0x10000, 64);
	assert_int_equal(pool_bytes(), 0x20000);
	must_free(buffers[1]);
	assert_int_equal(pool_bytes(), 0x10000);
	must_free(buffers[0]);
	assert_int_equal(pool_bytes(), 0x10000);

	size_t calls = fake_hypervisor.share_calls;

	must_free(must_alloc(64, 64));
	assert_int_equal(fake_hypervisor.share_calls, calls);
	close_pool();
}

// At least the minimum stays shared, in any order of frees.
static void the_minimum_may_be_in_another_chunk(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(small_granules, GROWTH);
	buffers[0] = must_alloc(64, 64);
	buffers[1] = must_alloc(2 * GROWTH, 64);
	must_free(buffers[0]);
	assert_int_equal(pool_bytes(), 2 * GROWTH);
	must_free(buffers[1]);
	assert_int_equal(pool_bytes(), 2 * GROWTH);
	close_pool();
}

static void first_gap_that_fits_is_taken(void **state)
{
	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct buffer buffers[4];
		struct buffer again[2];

		open_pool(&kinds[k], 0);
		for (size_t i = 0; i < COUNT(buffers); i++) {
			buffers[i] = must_alloc(640, 64);
			assert_ptr_equal(buffers[i].memory, buffers[0].memory + 640 * i);
		}
		must_free(buffers[0]);
		must_free(buffers[2]);
		again[0] = must_alloc(641, 64);
		assert_ptr_equal(again[0].memory, buffers[3].memory + 640);
		again[1] = must_alloc(640, 64);
		assert_ptr_equal(again[1].memory, buffers[0].memory);
		must_free(again[0]);
		must_free(again[1]);
		must_free(buffers[1]);
		must_free(buffers[3]);
		close_pool();
	}
}

static void older_chunks_are_filled_first(void **state)
{
	struct buffer buffers[3];

	(void)state;
	open_pool(small_granules, 0);
	buffers[0] = must_alloc(GROWTH - 64, 64);
	buffers[1] = must_alloc(GROWTH - 64, 64);
	buffers[2] = must_alloc(64, 64);
	assert_ptr_equal(buffers[2].memory, buffers[0].memory + GROWTH - 64);
	for (size_t i = 0; i < COUNT(buffers); i++) {
		must_free(buffers[i]);
	}
	close_pool();
}

static void free_rejects_addresses_that_are_not_buffers(void **state)
{
	static unsigned char foreign[64];

	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct buffer buffers[3];

		open_pool(&kinds[k], 0);
		for (size_t i = 0; i < COUNT(buffers); i++) {
			buffers[i] = must_alloc(256, 64);
		}
		assert_no_buffer(NULL);
		assert_no_buffer(foreign);
		assert_no_buffer(&pool);
		for (size_t i = 1; i < 256; i++) {
			assert_no_buffer(buffers[1].memory + i);
		}
		assert_no_buffer(buffers[2].memory + 256);
		assert_no_buffer(buffers[0].memory - 64);
		assert_no_buffer(buffers[0].memory + 0x40000);
		must_free(buffers[1]);
		assert_no_buffer(buffers[1].memory);
		assert_no_buffer(buffers[1].memory + 64);
		buffers[1].memory = NULL;
		assert_pool_holds(buffers, 3);
		must_free(buffers[2]);
		must_free(buffers[0]);
		assert_no_buffer(buffers[0].memory);
		close_pool();
	}
}

static void free_leaves_other_buffers_in_use(void **state)
{
	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct buffer buffers[3];

		open_pool(&kinds[k], 0);
		// The buffers cross word boundaries of the pool's records.
		buffers[0] = must_alloc(60 * 64, 64);
		buffers[1] = must_alloc(70 * 64, 64);
		buffers[2] = must_alloc(64, 64);
		must_free(buffers[1]);
		buffers[1] = must_alloc(70 * 64, 64);
		assert_pool_holds(buffers, 3);
		must_free(buffers[2]);
		must_free(buffers[0]);
		assert_pool_holds(&buffers[1], 1);
		must_free(buffers[1]);
		close_pool();
	}
}

static void growth_adds_the_rest_of_the_minimum(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(small_granules, 0x100000);
	source_limit_bytes = GRANULE;
	buffers[0] = must_alloc(GRANULE, 64);
	source_limit_bytes = 0x1000000;
	buffers[1] = must_alloc(GRANULE, 64);
	assert_int_equal(pool_bytes(), 0x100000);
	must_free(buffers[0]);
	must_free(buffers[1]);
	assert_int_equal(pool_bytes(), 0x100000);
	close_pool();
}

static void full_static_region_is_an_error(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(static_memory, 0);
	assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, REGION_BYTES + 1, 64);
	buffers[0] = must_alloc(REGION_BYTES, 64);
	assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, 1, 1);
	must_free(buffers[0]);
	buffers[0] = must_alloc(REGION_BYTES - 64, 64);
	buffers[1] = must_alloc(64, 64);
	assert_pool_holds(buffers, 2);
	assert_int_equal(pool_bytes(), REGION_BYTES);
	assert_int_equal(source_chunk_count(), 0);
	must_free(buffers[0]);
	must_free(buffers[1]);
	assert_int_equal(pool_bytes(), REGION_BYTES);
	close_pool();
}

static void static_region_may_end_anywhere(void **state)
{
	static const size_t units[] = { 1, 63, 64, 65, 100 };
	struct vmbase_range region = static_region();

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buffer buffer;

		source_reset();
		region.end = region.begin + 64 * units[i];
		assert_int_equal(vmbase_sharing_pool_init_static(&pool, &source, region), VMBASE_OK);
		buffer = must_alloc(64 * units[i], 64);
		assert_alloc_fails(VMBASE_ERROR_NO_MEMORY, 1, 1);
		assert_no_buffer(buffer.memory + buffer.size_bytes);
		must_free(buffer);
		assert_int_equal(vmbase_sharing_pool_destroy(&pool), VMBASE_OK);
		assert_int_equal(source_block_count(), 0);
	}
}

static void host_writes_do_not_change_the_pool(void **state)
{
	(void)state;
	for (size_t k = 0; k < KIND_COUNT; k++) {
		for (int value = 0; value < 256; value += 85) {
			struct buffer buffers[8];

			open_pool(&kinds[k], 0);
			for (size_t i = 0; i < COUNT(buffers); i++) {
				buffers[i] = must_alloc(1000, 64);
				host_writes(value);
			}
			for (size_t i = 0; i < COUNT(buffers); i += 2) {
				must_free(buffers[i]);
				host_writes(value);
				buffers[i] = must_alloc(900, 64);
			}
			assert_pool_holds(buffers, COUNT(buffers));
			for (size_t i = 0; i < COUNT(buffers); i++) {
				must_free(buffers[i]);
			}
			close_pool();
		}
	}
}

static void statistics_keep_the_peak(void **state)
{
	struct buffer buffers[2];

	(void)state;
	open_pool(plain_memory, 0);
	assert_int_equal(vmbase_sharing_pool_statistics(&pool).peak_used_bytes, 0);
	buffers[0] = must_alloc(65, 1);
	buffers[1] = must_alloc(1, 1);
	assert_int_equal(vmbase_sharing_pool_statistics(&pool).used_bytes, 192);
	must_free(buffers[0]);
	assert_int_equal(vmbase_sharing_pool_statistics(&pool).used_bytes, 64);
	assert_int_equal(vmbase_sharing_pool_statistics(&pool).peak_used_bytes, 192);
	buffers[0] = must_alloc(1, 1);
	assert_int_equal(vmbase_sharing_pool_statistics(&pool).peak_used_bytes, 192);
	must_free(buffers[0]);
	must_free(buffers[1]);
	assert_int_equal(vmbase_sharing_pool_statistics(&pool).peak_used_bytes, 192);
	close_pool();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_are_aligned_and_zeroed),
		cmocka_unit_test(large_buffers_are_contiguous),
		cmocka_unit_test(alignment_may_exceed_the_granule),
		cmocka_unit_test(granule_is_shared_by_one_call),
		cmocka_unit_test(pool_shares_only_when_it_needs_memory),
		cmocka_unit_test(free_chunk_goes_back_to_the_source),
		cmocka_unit_test(chunk_stays_while_a_buffer_is_in_it),
		cmocka_unit_test(minimum_is_shared_at_once_and_kept),
		cmocka_unit_test(the_minimum_may_be_in_another_chunk),
		cmocka_unit_test(first_gap_that_fits_is_taken),
		cmocka_unit_test(older_chunks_are_filled_first),
		cmocka_unit_test(free_rejects_addresses_that_are_not_buffers),
		cmocka_unit_test(free_leaves_other_buffers_in_use),
		cmocka_unit_test(growth_adds_the_rest_of_the_minimum),
		cmocka_unit_test(full_static_region_is_an_error),
		cmocka_unit_test(static_region_may_end_anywhere),
		cmocka_unit_test(host_writes_do_not_change_the_pool),
		cmocka_unit_test(statistics_keep_the_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
