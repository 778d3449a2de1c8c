// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/sharing.h> for ranges.

#include <vmbase/sharing.h>

#include "fake_hypervisor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// No memory is at these addresses: the records access none.
#define RAM_BEGIN UINT64_C(0x80000000)
#define RAM_BYTES UINT64_C(0x400000)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const size_t granules[] = { 4096, 16384, 65536 };

static const struct vmbase_range ram = { RAM_BEGIN, RAM_BEGIN + RAM_BYTES };
static struct vmbase_sharing_record records[8];

struct vmbase_range vmbase_layout_ram(void)
{
	return ram;
}

static int begin(void **state)
{
	(void)state;
	fake_hypervisor_reset(4096);
	assert_int_equal(vmbase_sharing_set_ram(ram), VMBASE_OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	fake_hypervisor.refusals = 0;
	fake_hypervisor.stuck_address = 0;
	assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	assert_int_equal(fake_hypervisor_shared_count(), 0);
	return 0;
}

// Shares granules of 4096 bytes. `first` is an index in RAM.
static enum vmbase_error share(size_t record, size_t first, size_t count)
{
	return vmbase_sharing_share(&records[record], vmbase_range_at(RAM_BEGIN + 4096 * first, 4096 * count));
}

// Asserts that a record remembers these granules, and that they are shared.
static void assert_remembers(size_t record, size_t first, size_t count)
{
	assert_int_equal(records[record].begin, RAM_BEGIN + 4096 * first);
	assert_int_equal(records[record].end, RAM_BEGIN + 4096 * (first + count));
	assert_true(fake_hypervisor_shares(records[record].begin, 4096 * count));
}

static void assert_remembers_nothing(size_t record)
{
	assert_int_equal(records[record].begin, 0);
	assert_int_equal(records[record].end, 0);
}

// Asserts that a call is refused before the hypervisor is asked.
static void assert_refused(enum vmbase_error expected, uintptr_t range_begin, size_t size_bytes)
{
	size_t calls = fake_hypervisor.share_calls + fake_hypervisor.unshare_calls;
	struct vmbase_sharing_record record;
	struct vmbase_sharing_record untouched;

	memset(&record, 0xa5, sizeof(record));
	untouched = record;
	assert_int_equal(vmbase_sharing_share(&record, vmbase_range_at(range_begin, size_bytes)), expected);
	assert_memory_equal(&record, &untouched, sizeof(record));
	assert_int_equal(fake_hypervisor.share_calls + fake_hypervisor.unshare_calls, calls);
}

// Must be the first test of the group: the others set the RAM.
static void ram_of_the_layout_is_the_default(void **state)
{
	(void)state;
	fake_hypervisor_reset(4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN - 4096, 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN + RAM_BYTES, 4096);
	assert_int_equal(vmbase_sharing_share(&records[0], vmbase_range_at(RAM_BEGIN, RAM_BYTES)), VMBASE_OK);
}

// Must be the second test: no RAM has been set yet.
static void added_ram_extends_ram_of_the_layout(void **state)
{
	const struct vmbase_range high = { RAM_BEGIN + 4 * RAM_BYTES, RAM_BEGIN + 5 * RAM_BYTES };

	(void)state;
	fake_hypervisor_reset(4096);
	assert_int_equal(vmbase_sharing_add_ram(high), VMBASE_OK);
	assert_int_equal(vmbase_sharing_share(&records[0], vmbase_range_at(RAM_BEGIN, RAM_BYTES)), VMBASE_OK);
	assert_int_equal(vmbase_sharing_share(&records[1], vmbase_range_at(high.begin, 4096)), VMBASE_OK);
}

static void each_granule_is_one_share_and_one_unshare_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(granules); i++) {
		fake_hypervisor_reset(granules[i]);
		assert_int_equal(vmbase_sharing_share(&records[0], vmbase_range_at(RAM_BEGIN + granules[i],
										   5 * granules[i])),
				 VMBASE_OK);
		assert_int_equal(fake_hypervisor.share_calls, 5);
		assert_int_equal(fake_hypervisor.unshare_calls, 0);
		assert_int_equal(fake_hypervisor_shared_count(), 5);
		assert_true(fake_hypervisor_shares(RAM_BEGIN + granules[i], 5 * granules[i]));
		assert_int_equal(records[0].begin, RAM_BEGIN + granules[i]);
		assert_int_equal(records[0].end, RAM_BEGIN + 6 * granules[i]);

		assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
		assert_int_equal(fake_hypervisor.share_calls, 5);
		assert_int_equal(fake_hypervisor.unshare_calls, 5);
		assert_int_equal(fake_hypervisor_shared_count(), 0);
		assert_remembers_nothing(0);
		assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	}
}

static void granule_size_is_requested_once(void **state)
{
	size_t granule_bytes = 0;

	(void)state;
	assert_int_equal(share(0, 0, 1), VMBASE_OK);
	assert_int_equal(share(1, 1, 1), VMBASE_OK);
	assert_int_equal(vmbase_sharing_granule(&granule_bytes), VMBASE_OK);
	assert_int_equal(granule_bytes, 4096);
	assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
	assert_int_equal(vmbase_sharing_unshare(&records[1]), VMBASE_OK);
	assert_int_equal(share(0, 0, 1), VMBASE_OK);
	assert_int_equal(fake_hypervisor.granule_calls, 1);
}

static void without_sharing_calls_no_range_is_shared(void **state)
{
	size_t granule_bytes = 1;

	(void)state;
	fake_hypervisor_reset(0);
	assert_int_equal(vmbase_sharing_granule(&granule_bytes), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(granule_bytes, 1);
	assert_refused(VMBASE_ERROR_UNSUPPORTED, RAM_BEGIN, 4096);
}

static void part_of_a_granule_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(granules); i++) {
		fake_hypervisor_reset(granules[i]);
		assert_refused(VMBASE_ERROR_UNALIGNED, RAM_BEGIN + 1, granules[i]);
		assert_refused(VMBASE_ERROR_UNALIGNED, RAM_BEGIN + granules[i] / 2, granules[i]);
		assert_refused(VMBASE_ERROR_UNALIGNED, RAM_BEGIN, 1);
		assert_refused(VMBASE_ERROR_UNALIGNED, RAM_BEGIN, granules[i] - 1);
		assert_refused(VMBASE_ERROR_UNALIGNED, RAM_BEGIN, granules[i] + granules[i] / 2);
		assert_refused(VMBASE_ERROR_UNALIGNED, RAM_BEGIN + 1, granules[i] - 1);
		assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	}
}

static void empty_range_is_refused(void **state)
{
	(void)state;
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN, 0);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN + 1, 0);
}

static void range_that_wraps_around_is_refused(void **state)
{
	(void)state;
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN, SIZE_MAX - 4095);
	assert_int_equal(vmbase_sharing_set_ram((struct vmbase_range){ 0, UINTPTR_MAX }), VMBASE_OK);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, UINTPTR_MAX - 4095, 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, UINTPTR_MAX - 4095, 8192);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN, SIZE_MAX - 4095);
}

static void range_outside_of_ram_is_refused(void **state)
{
	(void)state;
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, 0, 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN - 4096, 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN - 4096, 8192);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN, RAM_BYTES + 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN + RAM_BYTES - 4096, 8192);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN + RAM_BYTES, 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN - 4096, RAM_BYTES + 8192);
	assert_int_equal(share(0, 0, 1), VMBASE_OK);
	assert_int_equal(vmbase_sharing_share(&records[1], vmbase_range_at(RAM_BEGIN + RAM_BYTES - 4096, 4096)),
			 VMBASE_OK);
}

static void granule_that_is_partly_ram_is_refused(void **state)
{
	struct vmbase_range ragged = { RAM_BEGIN + 64, RAM_BEGIN + 3 * 4096 - 64 };

	(void)state;
	assert_int_equal(vmbase_sharing_set_ram(ragged), VMBASE_OK);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN, 4096);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN + 8192, 4096);
	assert_int_equal(share(0, 1, 1), VMBASE_OK);
}

static void ram_can_be_set(void **state)
{
	struct vmbase_range more = { RAM_BEGIN - 4096, RAM_BEGIN + RAM_BYTES };
	struct vmbase_range less = { RAM_BEGIN + 4096, RAM_BEGIN + RAM_BYTES };

	(void)state;
	assert_int_equal(vmbase_sharing_set_ram(more), VMBASE_OK);
	assert_int_equal(vmbase_sharing_share(&records[0], vmbase_range_at(RAM_BEGIN - 4096, 8192)), VMBASE_OK);
	assert_int_equal(vmbase_sharing_set_ram(less), VMBASE_OK);
	assert_true(fake_hypervisor_shares(RAM_BEGIN - 4096, 8192));
	assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN, 4096);
}

static void ram_can_be_added(void **state)
{
	struct vmbase_range high = { RAM_BEGIN + 4 * RAM_BYTES, RAM_BEGIN + 5 * RAM_BYTES };

	(void)state;
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, high.begin, 4096);
	assert_int_equal(vmbase_sharing_add_ram(high), VMBASE_OK);
	assert_int_equal(vmbase_sharing_share(&records[0], vmbase_range_at(high.begin, 4096)), VMBASE_OK);
	// The previous RAM is still RAM.
	assert_int_equal(vmbase_sharing_share(&records[1], vmbase_range_at(RAM_BEGIN, 4096)), VMBASE_OK);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE, RAM_BEGIN + RAM_BYTES, 4096);
	assert_int_equal(vmbase_sharing_add_ram((struct vmbase_range){ RAM_BEGIN, RAM_BEGIN }),
			 VMBASE_ERROR_OUT_OF_RANGE);
}

static void empty_ram_is_refused(void **state)
{
	(void)state;
	assert_int_equal(vmbase_sharing_set_ram((struct vmbase_range){ RAM_BEGIN, RAM_BEGIN }),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_sharing_set_ram((struct vmbase_range){ RAM_BEGIN + 1, RAM_BEGIN }),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(share(0, 0, 1), VMBASE_OK);
}

static void shared_granules_are_not_shared_again(void **state)
{
	static const struct {
		size_t first, count;
	} overlapping[] = { { 4, 4 }, { 4, 1 }, { 7, 1 }, { 5, 2 }, { 3, 2 }, { 7, 2 }, { 0, 12 } };

	(void)state;
	assert_int_equal(share(0, 4, 4), VMBASE_OK);
	assert_int_equal(share(1, 100, 1), VMBASE_OK);
	for (size_t i = 0; i < COUNT(overlapping); i++) {
		assert_refused(VMBASE_ERROR_OVERLAP, RAM_BEGIN + 4096 * overlapping[i].first,
			       4096 * overlapping[i].count);
	}
	assert_int_equal(share(2, 2, 2), VMBASE_OK);
	assert_int_equal(share(3, 8, 2), VMBASE_OK);
	assert_remembers(0, 4, 4);
}

static void record_in_use_is_refused(void **state)
{
	(void)state;
	assert_int_equal(share(0, 4, 4), VMBASE_OK);
	assert_int_equal(share(1, 20, 1), VMBASE_OK);
	assert_int_equal(share(0, 30, 4), VMBASE_ERROR_BUSY);
	assert_int_equal(share(0, 4, 4), VMBASE_ERROR_BUSY);
	assert_int_equal(fake_hypervisor.share_calls, 5);
	assert_remembers(0, 4, 4);
	assert_remembers(1, 20, 1);
}

static void refused_share_leaves_nothing_shared(void **state)
{
	(void)state;
	for (size_t before = 0; before < 5; before++) {
		struct vmbase_sharing_record untouched;

		memset(&records[0], 0xa5, sizeof(records[0]));
		untouched = records[0];
		fake_hypervisor.calls_before_refusal = before;
		fake_hypervisor.refusals = 1;
		assert_int_equal(share(0, 4, 5), VMBASE_ERROR_INVALID_ARGUMENT);
		assert_int_equal(fake_hypervisor_shared_count(), 0);
		assert_memory_equal(&records[0], &untouched, sizeof(untouched));
		assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_ERROR_NOT_FOUND);
	}
	assert_int_equal(share(0, 4, 5), VMBASE_OK);
}

static void granules_that_a_refused_share_cannot_unshare_are_remembered(void **state)
{
	(void)state;
	assert_int_equal(share(1, 0, 1), VMBASE_OK);
	// The share of the fourth granule is refused. Then the unshare of the third is refused too, and the
	// first and second are unshared.
	fake_hypervisor.calls_before_refusal = 3;
	fake_hypervisor.refusals = 2;
	assert_int_equal(share(0, 4, 5), VMBASE_ERROR_BUSY);
	assert_remembers(0, 6, 1);
	assert_int_equal(fake_hypervisor_shared_count(), 2);
	assert_refused(VMBASE_ERROR_OVERLAP, RAM_BEGIN + 4 * 4096, 5 * 4096);
	assert_int_equal(share(2, 4, 2), VMBASE_OK);

	assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
	assert_remembers_nothing(0);
	assert_int_equal(share(0, 6, 3), VMBASE_OK);
	assert_remembers(1, 0, 1);
}

static void refused_unshare_remembers_each_shared_granule(void **state)
{
	(void)state;
	for (size_t refusals = 1; refusals <= 2; refusals++) {
		for (size_t before = 0; before < 4; before++) {
			assert_int_equal(share(0, 4, 5), VMBASE_OK);
			fake_hypervisor.calls_before_refusal = before;
			fake_hypervisor.refusals = refusals;
			assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_ERROR_UNKNOWN_STATUS);
			// The first refusal stops the descending pass, the second one stops the ascending
			// pass.
			assert_remembers(0, refusals == 1 ? 8 - before : 4, refusals == 1 ? 1 : 5 - before);
			assert_int_equal(fake_hypervisor_shared_count(), refusals == 1 ? 1 : 5 - before);

			fake_hypervisor.unshare_calls = 0;
			assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
			assert_int_equal(fake_hypervisor.unshare_calls, refusals == 1 ? 1 : 5 - before);
			assert_remembers_nothing(0);
		}
	}
}

static void only_the_refused_granule_stays_shared(void **state)
{
	(void)state;
	for (size_t stuck = 0; stuck < 5; stuck++) {
		assert_int_equal(share(0, 4, 5), VMBASE_OK);
		fake_hypervisor.stuck_address = RAM_BEGIN + 4096 * (4 + stuck);
		fake_hypervisor.unshare_calls = 0;
		assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_ERROR_DENIED);
		assert_int_equal(fake_hypervisor.unshare_calls, 5);
		assert_int_equal(fake_hypervisor_shared_count(), 1);
		assert_remembers(0, 4 + stuck, 1);
		fake_hypervisor.stuck_address = 0;
		assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
	}
}

static void unshare_of_an_unused_record_is_not_found(void **state)
{
	(void)state;
	assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(share(0, 4, 4), VMBASE_OK);
	assert_int_equal(share(1, 8, 4), VMBASE_OK);
	assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_OK);
	assert_int_equal(vmbase_sharing_unshare(&records[0]), VMBASE_ERROR_NOT_FOUND);
	assert_remembers(1, 8, 4);
	assert_int_equal(fake_hypervisor.unshare_calls, 4);
}

static void unshare_all_unshares_each_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(records); i++) {
		assert_int_equal(share(i, 10 * i, i + 1), VMBASE_OK);
	}
	assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	assert_int_equal(fake_hypervisor_shared_count(), 0);
	assert_int_equal(fake_hypervisor.unshare_calls, fake_hypervisor.share_calls);
	for (size_t i = 0; i < COUNT(records); i++) {
		assert_remembers_nothing(i);
	}
	assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
}

static void unshare_all_continues_after_an_error(void **state)
{
	(void)state;
	for (size_t stuck = 0; stuck < COUNT(records); stuck++) {
		for (size_t i = 0; i < COUNT(records); i++) {
			assert_int_equal(share(i, 10 * i, 3), VMBASE_OK);
		}
		fake_hypervisor.stuck_address = RAM_BEGIN + 4096 * (10 * stuck + 1);
		fake_hypervisor.calls_before_refusal = 9;
		fake_hypervisor.refusals = 1;
		fake_hypervisor.first_refusal = VMBASE_OK;
		enum vmbase_error error = vmbase_sharing_unshare_all();

		assert_int_not_equal(error, VMBASE_OK);
		assert_int_equal(error, fake_hypervisor.first_refusal);
		assert_true(fake_hypervisor_shared_count() <= 4);
		assert_true(fake_hypervisor_shares(fake_hypervisor.stuck_address, 4096));
		assert_true(records[stuck].begin <= fake_hypervisor.stuck_address &&
			    fake_hypervisor.stuck_address < records[stuck].end);

		fake_hypervisor.stuck_address = 0;
		assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
		assert_int_equal(fake_hypervisor_shared_count(), 0);
	}
}

static void number_of_records_is_not_limited(void **state)
{
	static struct vmbase_sharing_record many[RAM_BYTES / 4096];

	(void)state;
	for (size_t i = 0; i < COUNT(many); i++) {
		assert_int_equal(vmbase_sharing_share(&many[i], vmbase_range_at(RAM_BEGIN + 4096 * i, 4096)),
				 VMBASE_OK);
	}
	for (size_t i = 0; i < COUNT(many); i++) {
		assert_int_equal(vmbase_sharing_unshare(&many[i * 7 % COUNT(many)]), VMBASE_OK);
	}
	assert_int_equal(fake_hypervisor.share_calls, COUNT(many));
	assert_int_equal(fake_hypervisor.unshare_calls, COUNT(many));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(ram_of_the_layout_is_the_default, end),
		cmocka_unit_test_teardown(added_ram_extends_ram_of_the_layout, end),
		TEST(each_granule_is_one_share_and_one_unshare_call),
		TEST(granule_size_is_requested_once),
		TEST(without_sharing_calls_no_range_is_shared),
		TEST(part_of_a_granule_is_refused),
		TEST(empty_range_is_refused),
		TEST(range_that_wraps_around_is_refused),
		TEST(range_outside_of_ram_is_refused),
		TEST(granule_that_is_partly_ram_is_refused),
		TEST(ram_can_be_set),
		TEST(ram_can_be_added),
		TEST(empty_ram_is_refused),
		TEST(shared_granules_are_not_shared_again),
		TEST(record_in_use_is_refused),
		TEST(refused_share_leaves_nothing_shared),
		TEST(granules_that_a_refused_share_cannot_unshare_are_remembered),
		TEST(refused_unshare_remembers_each_shared_granule),
		TEST(only_the_refused_granule_stays_shared),
		TEST(unshare_of_an_unused_record_is_not_found),
		TEST(unshare_all_unshares_each_record),
		TEST(unshare_all_continues_after_an_error),
		TEST(number_of_records_is_not_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
