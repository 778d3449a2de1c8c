// SPDX-License-Identifier: Apache-2.0

// RAM in several ranges, compared with a model that has a bit for each of a few addresses.

#include "../../../src/base/range_set.h"
#include "../support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ADDRESSES 40

static void assert_like(const struct vmb_range_set *ranges, const bool model[ADDRESSES])
{
	size_t runs = 0;

	for (uintptr_t begin = 0; begin < ADDRESSES; begin++) {
		runs += model[begin] && (begin == 0 || !model[begin - 1]);
		for (uintptr_t end = begin + 1; end <= ADDRESSES; end++) {
			const struct vmbase_range range = { begin, end };
			size_t count = 0;

			for (uintptr_t i = begin; i < end; i++) {
				count += model[i];
			}
			assert_int_equal(vmb_range_set_contains(ranges, range), count == end - begin);
			assert_int_equal(vmb_range_set_overlaps(ranges, range), count > 0);
		}
	}
	assert_int_equal(ranges->count, runs);
}

static void adjacent_ranges_merge(void **state)
{
	(void)state;
	random_begin();
	for (int round = 0; round < 200; round++) {
		struct vmb_range_set ranges = { .count = 0 };
		bool model[ADDRESSES] = { false };

		for (int i = 0; i < 10; i++) {
			const uintptr_t begin = random_below(ADDRESSES);
			const uintptr_t end =
				begin + 1 + random_below(ADDRESSES - begin < 6 ? ADDRESSES - begin : 6);

			assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ begin, end }),
					 VMBASE_OK);
			for (uintptr_t address = begin; address < end; address++) {
				model[address] = true;
			}
			assert_like(&ranges, model);
		}
	}
}

static void a_full_set_refuses_another_range(void **state)
{
	struct vmb_range_set ranges;

	(void)state;
	vmb_range_set_init(&ranges, (struct vmbase_range){ 0, 1 });
	for (uintptr_t i = 1; i < VMB_RANGE_SET_MAX; i++) {
		assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ 4 * i, 4 * i + 1 }),
				 VMBASE_OK);
	}
	assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ 1000, 1001 }),
			 VMBASE_ERROR_NO_MEMORY);
	assert_false(vmb_range_set_overlaps(&ranges, (struct vmbase_range){ 1000, 1001 }));
	// A range that merges with others needs no entry.
	assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ 1, 4 }), VMBASE_OK);
	assert_int_equal(ranges.count, VMB_RANGE_SET_MAX - 1);
	assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ 1000, 1001 }), VMBASE_OK);
}

static void range_may_cover_all_addresses(void **state)
{
	struct vmb_range_set ranges = { .count = 0 };

	(void)state;
	assert_false(vmb_range_set_contains(&ranges, (struct vmbase_range){ 0, 1 }));
	assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ UINTPTR_MAX - 1, UINTPTR_MAX }),
			 VMBASE_OK);
	assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ 0, 1 }), VMBASE_OK);
	assert_int_equal(ranges.count, 2);
	assert_int_equal(vmb_range_set_add(&ranges, (struct vmbase_range){ 0, UINTPTR_MAX }), VMBASE_OK);
	assert_int_equal(ranges.count, 1);
	assert_true(vmb_range_set_contains(&ranges, (struct vmbase_range){ 0, UINTPTR_MAX }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adjacent_ranges_merge),
		cmocka_unit_test(a_full_set_refuses_another_range),
		cmocka_unit_test(range_may_cover_all_addresses),
	};

	return cmocka_run_group_tests_name("ram_ranges", tests, NULL, NULL);
}
