// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/tracker.h> for faults, dirty pages, the MMIO guard and the stop.

#include "../support/tracker_fake.h"

#include "../../../src/arch/esr.h"
#include "../../../src/tracker/tracker_state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DATA_PAGE FREE_RAM
#define NOFLUSH_PAGE (FREE_RAM + 16 * PAGE)
#define RODATA_PAGE (FREE_RAM + 32 * PAGE)

// Starts the tracker and maps 4 pages of each kind.
static int map_all_kinds(void **state)
{
	(void)fake_set_up(state);
	fake_cpu.ttbr0 = 123;
	fake_cpu.tcr = 456;
	return vmbase_tracker_start(fake_ram, &fake_table_pages) != VMBASE_OK ||
	       vmbase_tracker_map(range(DATA_PAGE, 4 * PAGE), VMBASE_TRACKER_DATA) != VMBASE_OK ||
	       vmbase_tracker_map(range(NOFLUSH_PAGE, 4 * PAGE), VMBASE_TRACKER_DATA_NOFLUSH) != VMBASE_OK ||
	       vmbase_tracker_map(range(RODATA_PAGE, 4 * PAGE), VMBASE_TRACKER_RODATA) != VMBASE_OK ||
	       vmbase_tracker_map(range(FREE_MMIO, 64 * PAGE), VMBASE_TRACKER_MMIO) != VMBASE_OK;
}

static void touch(uintptr_t address, enum vmbase_error error)
{
	assert_int_equal(vmbase_tracker_handle_translation_fault(address), error);
}

static void write_to(uintptr_t address, enum vmbase_error error)
{
	assert_int_equal(vmbase_tracker_handle_permission_fault(address), error);
}

static void first_access_maps_a_device_page(void **state)
{
	(void)state;
	touch(FREE_MMIO + 3 * PAGE + 0x18, VMBASE_OK);
	assert_int_equal(fake_kind_at(FREE_MMIO + 3 * PAGE), VMBASE_MAP_DEVICE);
	assert_int_equal(fake_kind_at(FREE_MMIO + 2 * PAGE), VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(fake_kind_at(FREE_MMIO + 4 * PAGE), VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(fake_machine.guard_calls, 0);
}

static void translation_faults_outside_lazy_pages_are_not_handled(void **state)
{
	static const uintptr_t others[] = {
		0,          DATA_PAGE,     NOFLUSH_PAGE,    RODATA_PAGE, FREE_MMIO - 1, FREE_MMIO + 64 * PAGE,
		TEXT,       IMAGE_GUARD,   MAIN_STACK,      CONSOLE,     DTB,           ALL_ADDRESSES - 1,
		UINT64_MAX, ALL_ADDRESSES, FREE_RAM - PAGE,
	};

	(void)state;
	fake_machine.guard_granule = PAGE;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		touch(others[i], VMBASE_ERROR_NOT_FOUND);
	}
	// After the fault is handled, a second fault at the page is an error.
	touch(FREE_MMIO, VMBASE_OK);
	touch(FREE_MMIO, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(fake_machine.guard_calls, 1);
}

static void first_write_makes_a_page_dirty(void **state)
{
	(void)state;
	assert_false(fake_is_dirty(DATA_PAGE + PAGE));
	write_to(DATA_PAGE + PAGE + 5, VMBASE_OK);
	assert_true(fake_is_dirty(DATA_PAGE + PAGE));
	assert_false(fake_is_dirty(DATA_PAGE));
	assert_false(fake_is_dirty(DATA_PAGE + 2 * PAGE));
	// A second fault is possible: a TLB may have the old entry.
	write_to(DATA_PAGE + PAGE + 5, VMBASE_OK);
}

static void permission_faults_outside_clean_pages_are_not_handled(void **state)
{
	static const uintptr_t others[] = {
		0,
		NOFLUSH_PAGE,
		RODATA_PAGE,
		FREE_MMIO,
		TEXT,
		RODATA,
		IMAGE_GUARD,
		DTB,
		ALL_ADDRESSES,
		UINT64_MAX,
		DATA_PAGE - PAGE,
		DATA,
		DATA_PAGE + 4 * PAGE,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		write_to(others[i], VMBASE_ERROR_NOT_FOUND);
	}
}

static void faults_are_not_handled_before_the_start(void **state)
{
	(void)state;
	fake_machine_reset();
	touch(FREE_MMIO, VMBASE_ERROR_NOT_FOUND);
	write_to(DATA_PAGE, VMBASE_ERROR_NOT_FOUND);
}

static enum vmbase_error handle(unsigned int ec, unsigned int fsc, bool is_write, uint64_t far)
{
	const struct vmbase_exception_frame frame = {
		.esr = (uint64_t)ec << 26 | 1 << 25 | (is_write ? ESR_WNR : 0) | fsc,
		.far = far,
	};

	return vmbase_tracker_handle_exception(&frame);
}

static void only_data_aborts_of_the_right_kind_are_handled(void **state)
{
	const uintptr_t lazy = FREE_MMIO, clean = DATA_PAGE;

	(void)state;
	for (unsigned int ec = 0; ec < 0x40; ec++) {
		for (unsigned int fsc = 0; fsc < 0x40; fsc++) {
			const bool is_data_abort = ec == ESR_EC_DATA_ABORT_CURRENT;
			const bool is_translation_fault = is_data_abort && fsc >= 0x04 && fsc <= 0x07;
			const bool is_permission_fault = is_data_abort && fsc >= 0x0c && fsc <= 0x0f;

			if (!is_translation_fault) {
				assert_int_equal(handle(ec, fsc, false, lazy), VMBASE_ERROR_NOT_FOUND);
				assert_int_equal(handle(ec, fsc, true, lazy), VMBASE_ERROR_NOT_FOUND);
			}
			assert_int_equal(handle(ec, fsc, false, clean), VMBASE_ERROR_NOT_FOUND);
			if (!is_permission_fault) {
				assert_int_equal(handle(ec, fsc, true, clean), VMBASE_ERROR_NOT_FOUND);
			}
		}
	}
	assert_int_equal(fake_kind_at(lazy), VMBASE_MAP_DEVICE_LAZY);
	assert_false(fake_is_dirty(clean));
	for (unsigned int level = 0; level < 4; level++) {
		assert_int_equal(handle(0x25, 0x04 + level, level % 2 == 0, lazy + level * PAGE), VMBASE_OK);
		assert_int_equal(fake_kind_at(lazy + level * PAGE), VMBASE_MAP_DEVICE);
		assert_int_equal(handle(0x25, 0x0c + level, true, clean + level * PAGE), VMBASE_OK);
		assert_true(fake_is_dirty(clean + level * PAGE));
	}
}

static void flush_cleans_dirty_pages(void **state)
{
	(void)state;
	write_to(DATA_PAGE, VMBASE_OK);
	write_to(DATA_PAGE + 3 * PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_flush(), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 2 * PAGE);
	assert_int_equal(fake_cpu.last_cleaned.begin, DATA_PAGE + 3 * PAGE);
	assert_false(fake_is_dirty(DATA_PAGE));
	assert_int_equal(vmbase_tracker_flush(), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 2 * PAGE);
	write_to(DATA_PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_flush(), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 3 * PAGE);
}

// The calls that a handler may make while pages are flushed.
static void interrupt_the_flush(void)
{
	assert_false(fake_machine.is_masked);
	touch(FREE_MMIO, VMBASE_OK);
	write_to(DATA_PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(DATA_PAGE, PAGE)), VMBASE_ERROR_BUSY);
	fake_cpu.during_clean = NULL;
}

static void flush_can_be_interrupted(void **state)
{
	(void)state;
	write_to(DATA_PAGE, VMBASE_OK);
	write_to(DATA_PAGE + PAGE, VMBASE_OK);
	fake_cpu.during_clean = interrupt_the_flush;
	assert_int_equal(vmbase_tracker_flush(), VMBASE_OK);
	assert_null(fake_cpu.during_clean);
	// The page that was written during the flush is dirty again. All other pages are clean.
	assert_true(fake_is_dirty(DATA_PAGE));
	assert_false(fake_is_dirty(DATA_PAGE + PAGE));
	assert_int_equal(fake_kind_at(FREE_MMIO), VMBASE_MAP_DEVICE);
}

static void unmap_flushes_its_range(void **state)
{
	(void)state;
	write_to(DATA_PAGE, VMBASE_OK);
	write_to(DATA_PAGE + PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(DATA_PAGE + PAGE, 2 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, PAGE);
	assert_int_equal(fake_cpu.last_cleaned.begin, DATA_PAGE + PAGE);
	assert_true(fake_is_dirty(DATA_PAGE));
}

static void each_granule_is_requested_from_the_guard_once(void **state)
{
	(void)state;
	fake_machine.guard_granule = 4 * PAGE;
	touch(FREE_MMIO + 5 * PAGE, VMBASE_OK);
	assert_true(fake_guard_knows(FREE_MMIO + 4 * PAGE));
	assert_int_equal(fake_machine.guarded_count, 1);
	touch(FREE_MMIO + 4 * PAGE, VMBASE_OK);
	touch(FREE_MMIO + 7 * PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 1);
	touch(FREE_MMIO + 8 * PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 2);
}

static void refusal_of_the_guard_is_an_error(void **state)
{
	(void)state;
	fake_machine.guard_granule = PAGE;
	fake_machine.guard_refuses_call = 1;
	touch(FREE_MMIO, VMBASE_ERROR_DENIED);
	assert_int_equal(fake_kind_at(FREE_MMIO), VMBASE_MAP_DEVICE_LAZY);
	touch(FREE_MMIO, VMBASE_OK);
}

static void console_is_not_requested_from_the_guard_again(void **state)
{
	(void)state;
	fake_machine.guard_granule = 16 * PAGE;
	assert_int_equal(vmbase_tracker_map(range(CONSOLE + PAGE, 32 * PAGE), VMBASE_TRACKER_MMIO), VMBASE_OK);
	touch(CONSOLE + PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 0);
	touch(CONSOLE + 16 * PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 1);
	// One of these granules is released.
	assert_int_equal(vmbase_tracker_unmap(range(CONSOLE + PAGE, 32 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 2);
	assert_int_equal(fake_machine.guarded_count, 0);
}

static void guard_forgets_unmapped_ranges(void **state)
{
	(void)state;
	fake_machine.guard_granule = 4 * PAGE;
	for (size_t page = 0; page < 16; page++) {
		touch(FREE_MMIO + page * PAGE, VMBASE_OK);
	}
	assert_int_equal(fake_machine.guarded_count, 4);
	// The range covers a whole granule and a part of both neighbours. The neighbours have other pages.
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO + 3 * PAGE, 6 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 3);
	assert_false(fake_guard_knows(FREE_MMIO + 4 * PAGE));
	// The rest of both neighbours.
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO, 3 * PAGE)), VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO + 9 * PAGE, 4 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 1);
	assert_true(fake_guard_knows(FREE_MMIO + 12 * PAGE));
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO + 13 * PAGE, 51 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 0);
}

static void guard_may_have_no_unmap_call(void **state)
{
	(void)state;
	fake_machine.guard_granule = 2 * PAGE;
	fake_machine.guard_has_no_unmap = true;
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	touch(FREE_MMIO + 3 * PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO, 64 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_kind_at(FREE_MMIO + PAGE), 0);
	assert_int_equal(fake_machine.guarded_count, 2);
	// A page that is mapped again is requested again.
	assert_int_equal(vmbase_tracker_map(range(FREE_MMIO, 64 * PAGE), VMBASE_TRACKER_MMIO), VMBASE_OK);
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 2 + 2 + 1);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 2);
}

static void granule_is_released_by_its_last_user(void **state)
{
	const struct vmbase_range page = range(FREE_MMIO + PAGE, PAGE);

	(void)state;
	fake_machine.guard_granule = 4 * PAGE;
	// The page has two users, its neighbours have one.
	assert_int_equal(vmbase_tracker_map(page, VMBASE_TRACKER_MMIO), VMBASE_OK);
	touch(FREE_MMIO, VMBASE_OK);
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	touch(FREE_MMIO + 2 * PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO, 4 * PAGE)), VMBASE_OK);
	assert_true(fake_guard_knows(FREE_MMIO));
	assert_int_equal(fake_kind_at(FREE_MMIO + PAGE), VMBASE_MAP_DEVICE);
	assert_int_equal(vmbase_tracker_unmap(page), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 0);
}

static void granule_is_released_while_its_shared_pages_wait_for_an_access(void **state)
{
	const struct vmbase_range page = range(FREE_MMIO + PAGE, PAGE);

	(void)state;
	fake_machine.guard_granule = 4 * PAGE;
	assert_int_equal(vmbase_tracker_map(page, VMBASE_TRACKER_MMIO), VMBASE_OK);
	touch(FREE_MMIO, VMBASE_OK);
	touch(FREE_MMIO + 2 * PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO, 4 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 0);
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 1);
}

static void stop_releases_pages_with_several_users(void **state)
{
	(void)state;
	fake_machine.guard_granule = PAGE;
	assert_int_equal(vmbase_tracker_map(range(FREE_MMIO, PAGE), VMBASE_TRACKER_MMIO), VMBASE_OK);
	touch(FREE_MMIO, VMBASE_OK);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 0);
	assert_int_equal(fake_machine.tables_given, 0);
}

static void range_stays_mapped_if_the_guard_refuses_to_release_it(void **state)
{
	(void)state;
	fake_machine.guard_granule = 2 * PAGE;
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	touch(FREE_MMIO + 3 * PAGE, VMBASE_OK);
	touch(FREE_MMIO + 5 * PAGE, VMBASE_OK);
	fake_machine.guard_refuses_call = 5;
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO, 64 * PAGE)), VMBASE_ERROR_DENIED);
	// All pages are mapped. Pages that the guard released are requested again.
	assert_int_equal(fake_kind_at(FREE_MMIO + PAGE), VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(fake_kind_at(FREE_MMIO + 3 * PAGE), VMBASE_MAP_DEVICE);
	assert_int_equal(fake_kind_at(FREE_MMIO + 5 * PAGE), VMBASE_MAP_DEVICE);
	assert_int_equal(fake_machine.guarded_count, 2);
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(FREE_MMIO, 64 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 0);
}

static void stop_leaves_the_boot_map_only(void **state)
{
	(void)state;
	fake_machine.guard_granule = PAGE;
	assert_int_equal(vmbase_tracker_map(range(RAM_END, 4 * PAGE), VMBASE_TRACKER_MMIO), VMBASE_OK);
	touch(RAM_END, VMBASE_OK);
	touch(FREE_MMIO, VMBASE_OK);
	touch(FREE_MMIO + 9 * PAGE, VMBASE_OK);
	write_to(DATA_PAGE + 2 * PAGE, VMBASE_OK);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, PAGE);
	assert_int_equal(fake_machine.unshare_all_calls, 1);
	assert_int_equal(fake_machine.guarded_count, 0);
	assert_int_equal(fake_machine.guard_calls, 6);
	assert_int_equal(fake_cpu.switches, 2);
	assert_int_equal(fake_cpu.ttbr0, 123);
	assert_int_equal(fake_cpu.tcr, 456);
	assert_int_equal(fake_machine.tables_given, 0);
	assert_null(vmbase_tracker_table());
	touch(FREE_MMIO, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_ERROR_NOT_FOUND);
	// The tracker can be started again.
	assert_int_equal(vmbase_tracker_start(range(RAM, PAGE), &fake_table_pages), VMBASE_OK);
	assert_int_equal(fake_kind_at(DATA_PAGE), 0);
}

static void stop_without_devices_at_either_end(void **state)
{
	(void)state;
	fake_machine.guard_granule = PAGE;
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	assert_int_equal(
		vmbase_tracker_start(range(CONSOLE + PAGE, ALL_ADDRESSES - CONSOLE - PAGE), &fake_table_pages),
		VMBASE_OK);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	assert_int_equal(fake_machine.guard_calls, 0);
}

static void stop_can_be_called_again_after_an_error(void **state)
{
	(void)state;
	fake_machine.guard_granule = PAGE;
	touch(FREE_MMIO, VMBASE_OK);
	touch(FREE_MMIO + PAGE, VMBASE_OK);
	write_to(DATA_PAGE, VMBASE_OK);
	fake_machine.unshare_all_error = VMBASE_ERROR_UNKNOWN_STATUS;
	assert_int_equal(vmbase_tracker_stop(), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_int_equal(fake_machine.dirty_at_unshare, PAGE);
	assert_int_equal(fake_machine.guarded_count, 2);
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_kind_at(DATA_PAGE), VMBASE_MAP_DATA_TRACKED);

	fake_machine.unshare_all_error = VMBASE_OK;
	fake_machine.guard_refuses_call = 4;
	assert_int_equal(vmbase_tracker_stop(), VMBASE_ERROR_DENIED);
	assert_int_equal(fake_machine.guarded_count, 1);
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_kind_at(FREE_MMIO), VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(fake_kind_at(FREE_MMIO + PAGE), VMBASE_MAP_DEVICE);

	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	assert_int_equal(fake_machine.guarded_count, 0);
	assert_int_equal(fake_cpu.switches, 2);
}

static void stop_refuses_to_unmap_the_stack(void **state)
{
	(void)state;
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(NOFLUSH_PAGE, 100);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_ERROR_BUSY);
	assert_int_equal(fake_machine.unshare_all_calls, 0);
	assert_int_equal(fake_cpu.switches, 1);
}

VMBASE_TABLE_POOL(pool, 3);

static void table_pool_gives_each_of_its_pages_once(void **state)
{
	void *pages[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		pages[i] = pool.allocate(pool.context);
		assert_non_null(pages[i]);
		assert_int_equal((uintptr_t)pages[i] % PAGE, 0);
		for (size_t j = 0; j < i; j++) {
			assert_ptr_not_equal(pages[i], pages[j]);
		}
	}
	assert_int_equal(sizeof(pool_memory), 3 * PAGE);
	assert_null(pool.allocate(pool.context));
	pool.free(pages[0], pool.context);
	pool.free(pages[2], pool.context);
	assert_ptr_equal(pool.allocate(pool.context), pages[2]);
	assert_ptr_equal(pool.allocate(pool.context), pages[0]);
	assert_null(pool.allocate(pool.context));
	assert_int_equal(pool.physical_offset, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, map_all_kinds, fake_check)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_access_maps_a_device_page),
		TEST(translation_faults_outside_lazy_pages_are_not_handled),
		TEST(first_write_makes_a_page_dirty),
		TEST(permission_faults_outside_clean_pages_are_not_handled),
		TEST(faults_are_not_handled_before_the_start),
		TEST(only_data_aborts_of_the_right_kind_are_handled),
		TEST(flush_cleans_dirty_pages),
		TEST(flush_can_be_interrupted),
		TEST(unmap_flushes_its_range),
		TEST(each_granule_is_requested_from_the_guard_once),
		TEST(refusal_of_the_guard_is_an_error),
		TEST(console_is_not_requested_from_the_guard_again),
		TEST(guard_forgets_unmapped_ranges),
		TEST(guard_may_have_no_unmap_call),
		TEST(granule_is_released_by_its_last_user),
		TEST(granule_is_released_while_its_shared_pages_wait_for_an_access),
		TEST(stop_releases_pages_with_several_users),
		TEST(range_stays_mapped_if_the_guard_refuses_to_release_it),
		TEST(stop_leaves_the_boot_map_only),
		TEST(stop_without_devices_at_either_end),
		TEST(stop_can_be_called_again_after_an_error),
		TEST(stop_refuses_to_unmap_the_stack),
		cmocka_unit_test(table_pool_gives_each_of_its_pages_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
