// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/tracker.h> for the start.

#include "../support/tracker_fake.h"

#include "../../../src/tracker/tracker_state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

// Too large for the stack.
static struct fake_mappings expected, found;

// Asserts that the tracker's table is the one that vmbase_page_table_map() makes of these regions.
static void assert_map_matches(const struct vmb_region *regions)
{
	struct vmbase_page_table table;
	struct fake_pages pages;

	fake_pages_init(&pages, 100, 0);
	assert_int_equal(vmbase_page_table_init(&table, &pages.pages, VMBASE_TRACKER_VA_BITS, 0), VMBASE_OK);
	for (; regions->attributes != 0; regions++) {
		const struct vmbase_range pages_of_it = { regions->begin,
							  (regions->end + PAGE - 1) & ~(PAGE - 1) };

		if (regions->begin != regions->end) {
			assert_int_equal(
				vmbase_page_table_map(&table, pages_of_it, vmb_kind(regions->attributes), 0),
				VMBASE_OK);
		}
	}
	fake_mappings_of(&table, &expected);
	fake_mappings_of(vmbase_tracker_table(), &found);

	fake_assert_same_mappings(&found, &expected);
	for (size_t i = 0; i < found.count; i++) {
		int level;

		assert_int_equal(*vmb_find(vmbase_tracker_table(), found.list[i].range.begin, &level),
				 *vmb_find(&table, found.list[i].range.begin, &level));
	}
	assert_int_equal(fake_machine.tables_given, pages.given);
	assert_int_equal(vmbase_page_table_destroy(&table), VMBASE_OK);
}

static void start_maps_the_regions_of_the_boot_map(void **state)
{
	(void)state;
	fake_cpu.ttbr0 = 123;
	assert_null(vmbase_tracker_table());
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_OK);
	assert_map_matches(fake_regions);
	assert_int_equal(fake_machine.tables_given, 7);
	assert_int_equal(fake_kind_at(TEXT), VMBASE_MAP_CODE);
	assert_int_equal(fake_kind_at(RODATA), VMBASE_MAP_RODATA);
	assert_int_equal(fake_kind_at(DATA), VMBASE_MAP_DATA);
	assert_int_equal(fake_kind_at(IMAGE_GUARD), 0);
	assert_int_equal(fake_kind_at(MAIN_STACK - 1), 0);
	assert_int_equal(fake_kind_at(SECOND_GUARD), 0);
	// The table is active.
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_cpu.ttbr0 & PTE_ADDRESS_MASK, (uintptr_t)vmbase_tracker_table()->root);
	assert_int_not_equal(fake_cpu.ttbr0 >> 48, 0);
	assert_int_equal(fake_cpu.tcr, 64 - VMBASE_TRACKER_VA_BITS);
}

static void start_maps_the_console_when_the_static_map_does_not(void **state)
{
	static const struct vmb_region without_console[] = {
		{ TEXT, RODATA, BOOT_MAP_CODE },
		{ DATA, PAGE_TABLES, BOOT_MAP_DATA },
		{ PAGE_TABLES, PAGE_TABLES, BOOT_MAP_RODATA },
		{ 0 },
	};
	static const struct vmb_region with_console[] = {
		{ TEXT, RODATA, BOOT_MAP_CODE },
		{ DATA, PAGE_TABLES, BOOT_MAP_DATA },
		{ CONSOLE, CONSOLE + PAGE, BOOT_MAP_DEVICE },
		{ 0 },
	};

	(void)state;
	fake_machine.regions = without_console;
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_OK);
	assert_map_matches(with_console);
}

// crosvm has its console in the first page.
static void start_leaves_the_first_page_invalid(void **state)
{
	static const struct vmb_region regions[] = {
		{ TEXT, RODATA, BOOT_MAP_CODE },
		{ IMAGE_GUARD, IMAGE_GUARD + PAGE, BOOT_MAP_DEVICE - IMAGE_GUARD },
		{ MAIN_STACK, SECOND_GUARD, BOOT_MAP_DATA },
		{ DATA, PAGE_TABLES, BOOT_MAP_DATA },
		{ 0 },
	};
	const struct vmbase_range other_devices = { PAGE, 2 * PAGE };
	struct vmbase_phys phys = { 1 };

	(void)state;
	fake_machine.regions = regions;
	fake_machine.console = range(0, PAGE);
	// The image is outside RAM, and the guard's granule contains other devices.
	fake_machine.guard_granule = 16 * PAGE;
	assert_int_equal(vmbase_tracker_start(range(FREE_RAM, PAGE), &fake_table_pages), VMBASE_OK);
	assert_int_equal(fake_kind_at(0), 0);
	assert_int_equal(fake_kind_at(IMAGE_GUARD), VMBASE_MAP_DEVICE);
	assert_int_equal(vmbase_page_table_translate(vmbase_tracker_table(), IMAGE_GUARD + 0x3f8, &phys, NULL),
			 VMBASE_OK);
	assert_int_equal(phys.address, 0x3f8);
	assert_int_equal(vmbase_tracker_map(range(0, PAGE), VMBASE_TRACKER_MMIO), VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_tracker_map(range(0, 2 * PAGE), VMBASE_TRACKER_MMIO), VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_tracker_map(other_devices, VMBASE_TRACKER_MMIO), VMBASE_OK);
	assert_int_equal(vmbase_tracker_handle_translation_fault(0), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_tracker_handle_translation_fault(PAGE), VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(0, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_unmap(range(IMAGE_GUARD, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	// The guard has the granule during the whole test.
	assert_int_equal(fake_machine.guard_calls, 0);
}

static void start_maps_regions_of_any_size(void **state)
{
	static const struct vmb_region regions[] = {
		{ CONSOLE, CONSOLE + PAGE, BOOT_MAP_DEVICE },
		// From the middle of a GiB, of a block and of a run into others.
		{ RAM + MIB2 - 17 * PAGE, RAM + 0x40000000 + 40 * MIB2 + 18 * PAGE, BOOT_MAP_DATA },
		{ RAM + MIB2 - 20 * PAGE, RAM + MIB2 - 17 * PAGE - 1, BOOT_MAP_CODE },
		{ RAM + 0x40000000 + 40 * MIB2 + 18 * PAGE, RAM + 0x40000000 + 41 * MIB2 + PAGE,
		  BOOT_MAP_RODATA },
		{ 0x100000000, 0x180000000, BOOT_MAP_RODATA },
		// The whole range of an entry of the root table.
		{ ALL_ADDRESSES / 2, ALL_ADDRESSES, BOOT_MAP_RODATA },
		{ 0 },
	};

	(void)state;
	fake_machine.regions = regions;
	assert_int_equal(vmbase_tracker_start(range(0x200000000, PAGE), &fake_table_pages), VMBASE_OK);
	assert_map_matches(regions);
}

static void assert_start_fails(struct vmbase_range where, const struct vmbase_table_pages *pages,
			       enum vmbase_error error)
{
	assert_int_equal(vmbase_tracker_start(where, pages), error);
	assert_null(vmbase_tracker_table());
	assert_int_equal(fake_cpu.switches, 0);
	assert_int_equal(fake_machine.tables_given, 0);
}

static void start_checks_its_arguments(void **state)
{
	struct vmbase_table_pages elsewhere = fake_table_pages;

	(void)state;
	elsewhere.physical_offset = PAGE;
	assert_start_fails(fake_ram, &elsewhere, VMBASE_ERROR_INVALID_ARGUMENT);
	assert_start_fails(range(RAM + 1, PAGE), &fake_table_pages, VMBASE_ERROR_UNALIGNED);
	assert_start_fails(range(RAM, PAGE - 1), &fake_table_pages, VMBASE_ERROR_UNALIGNED);
	assert_start_fails(range(RAM, 0), &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	assert_start_fails((struct vmbase_range){ RAM_END, RAM }, &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	assert_start_fails(range(RAM, ALL_ADDRESSES - RAM + PAGE), &fake_table_pages,
			   VMBASE_ERROR_OUT_OF_RANGE);
	assert_start_fails(range(RAM, UINT64_MAX - RAM - PAGE + 1), &fake_table_pages,
			   VMBASE_ERROR_OUT_OF_RANGE);
	assert_start_fails(range(0, RAM_END), &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	assert_start_fails(range(CONSOLE, PAGE), &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(FREE_RAM, 100);
	assert_start_fails(fake_ram, &fake_table_pages, VMBASE_ERROR_BUSY);
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(IMAGE_END - 50, 100);
	assert_start_fails(fake_ram, &fake_table_pages, VMBASE_ERROR_BUSY);
	// After these errors, the start still succeeds.
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(MAIN_STACK, 100);
	assert_int_equal(
		vmbase_tracker_start(range(CONSOLE + PAGE, ALL_ADDRESSES - CONSOLE - PAGE), &fake_table_pages),
		VMBASE_OK);
}

static void start_fails_cleanly_at_every_shortage_of_tables(void **state)
{
	(void)state;
	for (size_t limit = 0; limit < 7; limit++) {
		fake_machine.table_limit = limit;
		assert_start_fails(fake_ram, &fake_table_pages, VMBASE_ERROR_NO_MEMORY);
	}
	fake_machine.table_limit = 7;
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_OK);
}

static void tables_must_be_aligned_pages_of_the_image(void **state)
{
	(void)state;
	fake_machine.has_foreign_pages = true;
	assert_start_fails(fake_ram, &fake_table_pages, VMBASE_ERROR_NO_MEMORY);
	fake_machine.has_foreign_pages = false;
	fake_machine.misaligned_by = 8;
	assert_start_fails(fake_ram, &fake_table_pages, VMBASE_ERROR_UNALIGNED);
	fake_machine.misaligned_by = 0;
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_OK);
	fake_machine.has_foreign_pages = true;
	assert_int_equal(vmbase_tracker_map(range(FREE_RAM, PAGE), VMBASE_TRACKER_DATA),
			 VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(fake_machine.tables_given, 7);
}

static void start_happens_once(void **state)
{
	(void)state;
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_ERROR_BUSY);
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_machine.tables_given, 7);
}

#define NOT_STARTED(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_check)
#define STARTED(test) cmocka_unit_test_setup_teardown(test, fake_set_up_started, fake_check)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NOT_STARTED(start_maps_the_regions_of_the_boot_map),
		NOT_STARTED(start_maps_the_console_when_the_static_map_does_not),
		NOT_STARTED(start_leaves_the_first_page_invalid),
		NOT_STARTED(start_maps_regions_of_any_size),
		NOT_STARTED(start_checks_its_arguments),
		NOT_STARTED(start_fails_cleanly_at_every_shortage_of_tables),
		NOT_STARTED(tables_must_be_aligned_pages_of_the_image),
		STARTED(start_happens_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
