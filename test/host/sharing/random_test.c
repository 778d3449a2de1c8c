// SPDX-License-Identifier: Apache-2.0

// Random sequences of sharing and unsharing. Some calls are refused half-way.

#include <vmbase/sharing.h>

#include "fake_hypervisor.h"
#include "../support/random.h"

#include <string.h>

// No memory is at these addresses: the records access none.
#define RAM_BEGIN UINT64_C(0x80000000)
#define RAM_GRANULES 32

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const size_t granules[] = { 4096, 16384, 65536 };

static struct vmbase_range ram;
static struct vmbase_sharing_record records[8];

struct vmbase_range vmbase_layout_ram(void)
{
	return ram;
}

// The model of a random sequence: the records in use. The library chooses the contents of each record; the
// test asserts that all records together match the hypervisor.
static bool in_use[COUNT(records)];
static size_t outcomes[32]; // by -enum vmbase_error

static void assert_records_match_the_hypervisor(void)
{
	size_t granule = fake_hypervisor.granule_bytes;
	bool remembered[RAM_GRANULES] = { false };
	size_t count = 0;

	for (size_t i = 0; i < COUNT(records); i++) {
		if (!in_use[i]) {
			continue;
		}
		assert_true(records[i].begin < records[i].end);
		for (uintptr_t address = records[i].begin; address < records[i].end; address += granule) {
			bool *mark = &remembered[(address - RAM_BEGIN) / granule];

			assert_true(fake_hypervisor_shares(address, granule));
			assert_false(*mark);
			*mark = true;
			count++;
		}
	}
	assert_int_equal(count, fake_hypervisor_shared_count());
}

static enum vmbase_error expected_of_share(size_t record, uintptr_t range_begin, size_t size_bytes)
{
	size_t granule = fake_hypervisor.granule_bytes;
	enum vmbase_error error = in_use[record] ? VMBASE_ERROR_BUSY : VMBASE_OK;

	for (size_t i = 0; i < COUNT(records); i++) {
		if (in_use[i] && range_begin < records[i].end && records[i].begin < range_begin + size_bytes) {
			error = VMBASE_ERROR_OVERLAP;
		}
	}
	if (range_begin % granule != 0 || size_bytes % granule != 0) {
		error = VMBASE_ERROR_UNALIGNED;
	}
	if (size_bytes == 0 || range_begin < ram.begin || range_begin + size_bytes > ram.end) {
		error = VMBASE_ERROR_OUT_OF_RANGE;
	}
	return error;
}

static void share_at_random(size_t record, bool is_refused)
{
	size_t granule = fake_hypervisor.granule_bytes;
	uintptr_t range_begin = ram.begin - granule + granule * random_below(RAM_GRANULES + 2);
	size_t size_bytes = granule * random_below(8) + (random_below(20) == 0 ? 64 : 0);
	enum vmbase_error expected = expected_of_share(record, range_begin, size_bytes);
	size_t calls = fake_hypervisor.share_calls + fake_hypervisor.unshare_calls;
	enum vmbase_error error =
		vmbase_sharing_share(&records[record], vmbase_range_at(range_begin, size_bytes));

	calls = fake_hypervisor.share_calls + fake_hypervisor.unshare_calls - calls;
	outcomes[-error]++;
	if (expected == VMBASE_OK && is_refused && error != VMBASE_OK) {
		in_use[record] = error == VMBASE_ERROR_BUSY;
		assert_true(in_use[record] || error == VMBASE_ERROR_INVALID_ARGUMENT);
	} else if (expected == VMBASE_OK) {
		assert_int_equal(error, VMBASE_OK);
		assert_int_equal(calls, size_bytes / granule);
		in_use[record] = true;
	} else {
		// If a record is in use and also overlaps, either error may be returned.
		assert_true(error == expected ||
			    (in_use[record] && error == VMBASE_ERROR_BUSY && expected == VMBASE_ERROR_OVERLAP));
		assert_int_equal(calls, 0);
	}
}

static void unshare_at_random(size_t record, bool is_refused)
{
	enum vmbase_error error = vmbase_sharing_unshare(&records[record]);

	outcomes[-error]++;
	if (!in_use[record]) {
		assert_int_equal(error, VMBASE_ERROR_NOT_FOUND);
	} else if (error == VMBASE_OK) {
		in_use[record] = false;
		assert_true(records[record].begin == 0 && records[record].end == 0);
	} else {
		assert_true(is_refused);
		assert_int_equal(error, VMBASE_ERROR_UNKNOWN_STATUS);
	}
}

static void unshare_all_at_random(bool is_refused)
{
	bool something_is_left = false;
	enum vmbase_error error = vmbase_sharing_unshare_all();

	for (size_t i = 0; i < COUNT(records); i++) {
		in_use[i] = in_use[i] && records[i].begin != 0;
		something_is_left = something_is_left || in_use[i];
	}
	assert_int_equal(error, something_is_left ? VMBASE_ERROR_UNKNOWN_STATUS : VMBASE_OK);
	assert_true(is_refused || !something_is_left);
}

static void random_sequences_keep_the_records_correct(void **state)
{
	(void)state;
	random_begin();
	for (size_t i = 0; i < 10 * COUNT(granules); i++) {
		fake_hypervisor_reset(granules[i % COUNT(granules)]);
		ram = (struct vmbase_range){ RAM_BEGIN,
					     RAM_BEGIN + RAM_GRANULES * fake_hypervisor.granule_bytes };
		memset(in_use, 0, sizeof(in_use));
		for (int step = 0; step < 2000; step++) {
			size_t record = random_below(COUNT(records));
			bool is_refused = random_below(4) == 0;

			fake_hypervisor.calls_before_refusal = is_refused ? random_below(8) : 0;
			fake_hypervisor.refusals = is_refused ? 1 + random_below(3) : 0;
			switch (random_below(20)) {
			case 0:
				unshare_all_at_random(is_refused);
				break;
			case 1:
			case 2:
			case 3:
			case 4:
			case 5:
			case 6:
				unshare_at_random(record, is_refused);
				break;
			default:
				share_at_random(record, is_refused);
			}
			assert_records_match_the_hypervisor();
		}
		fake_hypervisor.refusals = 0;
		assert_int_equal(vmbase_sharing_unshare_all(), VMBASE_OK);
	}
	// Each outcome must occur often enough to test something.
	assert_true(outcomes[-VMBASE_OK] > 1000);
	assert_true(outcomes[-VMBASE_ERROR_OVERLAP] > 1000);
	assert_true(outcomes[-VMBASE_ERROR_BUSY] > 1000);
	assert_true(outcomes[-VMBASE_ERROR_INVALID_ARGUMENT] > 100);
	assert_true(outcomes[-VMBASE_ERROR_UNKNOWN_STATUS] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences_keep_the_records_correct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
