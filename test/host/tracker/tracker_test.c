// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/tracker.h> for mapping and unmapping.

#include "../support/tracker_fake.h"

#include "../../../src/tracker/tracker_state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_map(uintptr_t begin, uint64_t size_bytes, enum vmbase_tracker_kind kind,
		       enum vmbase_error error)
{
	assert_int_equal(vmbase_tracker_map(range(begin, size_bytes), kind), error);
}

static void assert_unmap(uintptr_t begin, uint64_t size_bytes, enum vmbase_error error)
{
	assert_int_equal(vmbase_tracker_unmap(range(begin, size_bytes)), error);
}

// Too large for the stack.
static struct fake_mappings before, after;

static void calls_fail_before_the_start(void **state)
{
	(void)state;
	assert_map(FREE_RAM, PAGE, VMBASE_TRACKER_DATA, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_tracker_shrink_ram(fake_ram), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_tracker_add_ram(fake_ram), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_tracker_flush(), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(fake_machine.unshare_all_calls, 0);
	assert_int_equal(fake_cpu.switches, 0);
}

static void each_tracker_kind_has_its_mapping(void **state)
{
	static const enum vmbase_map_kind expected[] = {
		[VMBASE_TRACKER_RODATA] = VMBASE_MAP_RODATA,
		[VMBASE_TRACKER_DATA] = VMBASE_MAP_DATA_TRACKED,
		[VMBASE_TRACKER_DATA_NOFLUSH] = VMBASE_MAP_DATA,
		[VMBASE_TRACKER_MMIO] = VMBASE_MAP_DEVICE_LAZY,
	};

	(void)state;
	for (int kind = VMBASE_TRACKER_RODATA; kind <= VMBASE_TRACKER_MMIO; kind++) {
		const uintptr_t begin =
			(kind == VMBASE_TRACKER_MMIO ? FREE_MMIO : FREE_RAM) + (uintptr_t)kind * 5 * PAGE;
		struct vmbase_phys phys;

		assert_map(begin, 3 * PAGE, (enum vmbase_tracker_kind)kind, VMBASE_OK);
		assert_int_equal(fake_kind_at(begin - 1), 0);
		assert_int_equal(fake_kind_at(begin), expected[kind]);
		assert_int_equal(fake_kind_at(begin + 3 * PAGE - 1), expected[kind]);
		assert_int_equal(fake_kind_at(begin + 3 * PAGE), 0);
		assert_int_equal(vmbase_page_table_translate(vmbase_tracker_table(), begin + 5, &phys, NULL),
				 VMBASE_OK);
		assert_int_equal(phys.address, begin + 5);
	}
	assert_map(FREE_RAM, PAGE, (enum vmbase_tracker_kind)0, VMBASE_ERROR_INVALID_ARGUMENT);
	assert_map(FREE_RAM, PAGE, (enum vmbase_tracker_kind)(VMBASE_TRACKER_MMIO + 1),
		   VMBASE_ERROR_INVALID_ARGUMENT);
}

static void map_checks_bounds(void **state)
{
	static const struct {
		struct vmbase_range range;
		enum vmbase_error as_ram;
		enum vmbase_error as_mmio;
	} cases[] = {
		{ { RAM, RAM }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ { RAM + PAGE, RAM }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ { FREE_RAM + 8, FREE_RAM + PAGE }, VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_UNALIGNED },
		{ { FREE_RAM, FREE_RAM + 8 }, VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_UNALIGNED },
		{ { ALL_ADDRESSES, ALL_ADDRESSES + PAGE },
		  VMBASE_ERROR_OUT_OF_RANGE,
		  VMBASE_ERROR_OUT_OF_RANGE },
		{ { UINT64_MAX - PAGE + 1, 0 }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ { RAM - PAGE, RAM }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_OK },
		{ { RAM - 2 * PAGE, RAM + PAGE }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ { RAM, RAM + PAGE }, VMBASE_OK, VMBASE_ERROR_OUT_OF_RANGE },
		{ { RAM_END - PAGE, RAM_END }, VMBASE_OK, VMBASE_ERROR_OUT_OF_RANGE },
		{ { RAM_END - 2 * PAGE, RAM_END + PAGE },
		  VMBASE_ERROR_OUT_OF_RANGE,
		  VMBASE_ERROR_OUT_OF_RANGE },
		{ { RAM_END, RAM_END + PAGE }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_OK },
		{ { ALL_ADDRESSES - PAGE, ALL_ADDRESSES }, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(vmbase_tracker_map(cases[i].range, VMBASE_TRACKER_DATA), cases[i].as_ram);
		assert_int_equal(vmbase_tracker_map(cases[i].range, VMBASE_TRACKER_MMIO), cases[i].as_mmio);
	}
}

static void map_refuses_an_overlap(void **state)
{
	static const uintptr_t taken[] = { TEXT, RODATA,      IMAGE_GUARD, MAIN_STACK - PAGE, MAIN_STACK,
					   DATA, PAGE_TABLES, DTB,         SECOND_GUARD,      FREE_RAM };

	(void)state;
	assert_map(FREE_RAM, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	fake_mappings_of(vmbase_tracker_table(), &before);

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		for (int kind = VMBASE_TRACKER_RODATA; kind < VMBASE_TRACKER_MMIO; kind++) {
			assert_map(taken[i], PAGE, (enum vmbase_tracker_kind)kind, VMBASE_ERROR_OVERLAP);
			// Overlaps only the last page.
			assert_map(taken[i] - 100 * PAGE, 101 * PAGE, (enum vmbase_tracker_kind)kind,
				   VMBASE_ERROR_OVERLAP);
		}
	}
	fake_mappings_of(vmbase_tracker_table(), &after);

	fake_assert_same_mappings(&after, &before);
}

// QEMU has eight virtio-mmio transports in one page.
static void page_of_devices_stays_until_its_last_user_unmaps_it(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	}
	assert_int_equal(vmbase_tracker_handle_translation_fault(FREE_MMIO), VMBASE_OK);
	for (int i = 0; i < 7; i++) {
		assert_unmap(FREE_MMIO, PAGE, VMBASE_OK);
		assert_int_equal(fake_kind_at(FREE_MMIO), VMBASE_MAP_DEVICE);
	}
	assert_unmap(FREE_MMIO, PAGE, VMBASE_OK);
	assert_int_equal(fake_kind_at(FREE_MMIO), 0);
	assert_unmap(FREE_MMIO, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(fake_machine.tables_given, 7);
}

static void ranges_of_devices_may_overlap(void **state)
{
	(void)state;
	assert_map(FREE_MMIO + 2 * PAGE, 2 * PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(FREE_MMIO + 6 * PAGE, 2 * PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(FREE_MMIO, 7 * PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_unmap(FREE_MMIO, 8 * PAGE, VMBASE_OK);
	for (size_t page = 0; page < 8; page++) {
		const bool has_two = page == 2 || page == 3 || page == 6;

		assert_int_equal(fake_kind_at(FREE_MMIO + page * PAGE), has_two ? VMBASE_MAP_DEVICE_LAZY : 0);
	}
	assert_unmap(FREE_MMIO + 2 * PAGE, 2 * PAGE, VMBASE_OK);
	assert_unmap(FREE_MMIO + 6 * PAGE, PAGE, VMBASE_OK);
	assert_int_equal(fake_machine.tables_given, 7);
}

static void console_page_may_have_another_device(void **state)
{
	(void)state;
	assert_unmap(CONSOLE, PAGE, VMBASE_ERROR_BUSY);
	assert_map(CONSOLE, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_unmap(CONSOLE, PAGE, VMBASE_OK);
	assert_int_equal(fake_kind_at(CONSOLE), VMBASE_MAP_DEVICE);
	assert_unmap(CONSOLE, PAGE, VMBASE_ERROR_BUSY);
}

static void failed_second_map_changes_nothing(void **state)
{
	(void)state;
	assert_map(FREE_MMIO + MIB2 - PAGE, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	fake_mappings_of(vmbase_tracker_table(), &before);
	// No page for the counters; then no page for a table.
	for (size_t more = 0; more < 2; more++) {
		fake_machine.table_limit = fake_machine.tables_given + more;
		assert_map(FREE_MMIO + MIB2 - 2 * PAGE, 3 * PAGE, VMBASE_TRACKER_MMIO, VMBASE_ERROR_NO_MEMORY);
		fake_mappings_of(vmbase_tracker_table(), &after);
		fake_assert_same_mappings(&after, &before);
		assert_null(vmb_tracker.shared);
	}
	fake_machine.table_limit = FAKE_TABLES;
	assert_map(FREE_MMIO + MIB2 - 2 * PAGE, 3 * PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	fake_machine.table_limit = fake_machine.tables_given;
	assert_map(FREE_MMIO + MIB2 - PAGE, MIB2, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_unmap(FREE_MMIO + MIB2 - PAGE, MIB2, VMBASE_OK);
	assert_unmap(FREE_MMIO + MIB2 - 2 * PAGE, 3 * PAGE, VMBASE_OK);
	assert_unmap(FREE_MMIO + MIB2 - PAGE, PAGE, VMBASE_OK);
}

static void number_of_pages_with_several_users_is_limited(void **state)
{
	const uint64_t most = 511 * PAGE;

	(void)state;
	assert_map(FREE_MMIO, MIB2, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(FREE_MMIO, most + PAGE, VMBASE_TRACKER_MMIO, VMBASE_ERROR_NO_MEMORY);
	assert_map(FREE_MMIO, most, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(FREE_MMIO, most, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(FREE_MMIO + most, PAGE, VMBASE_TRACKER_MMIO, VMBASE_ERROR_NO_MEMORY);
	assert_unmap(FREE_MMIO, most, VMBASE_OK);
	assert_unmap(FREE_MMIO, MIB2, VMBASE_OK);
	assert_int_equal(fake_kind_at(FREE_MMIO + most), 0);
	assert_unmap(FREE_MMIO, most, VMBASE_OK);
	assert_int_equal(fake_machine.tables_given, 7);
}

static void number_of_users_is_limited(void **state)
{
	(void)state;
	for (int i = 0; i < 4096; i++) {
		assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	}
	assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_ERROR_NO_MEMORY);
	for (int i = 0; i < 4096; i++) {
		assert_unmap(FREE_MMIO, PAGE, VMBASE_OK);
	}
	assert_unmap(FREE_MMIO, PAGE, VMBASE_ERROR_NOT_FOUND);
}

static void page_of_counters_must_be_an_aligned_page_of_the_image(void **state)
{
	(void)state;
	assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	fake_machine.misaligned_by = 8;
	assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_ERROR_UNALIGNED);
	fake_machine.misaligned_by = 0;
	fake_machine.has_foreign_pages = true;
	assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_ERROR_NO_MEMORY);
	fake_machine.has_foreign_pages = false;
	assert_map(FREE_MMIO, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
}

static void map_without_pages_changes_nothing(void **state)
{
	(void)state;
	for (fake_machine.table_limit = 7; fake_machine.table_limit < 10; fake_machine.table_limit++) {
		fake_mappings_of(vmbase_tracker_table(), &before);

		assert_map(FREE_RAM + TABLE_SPAN / 2, 2 * TABLE_SPAN, VMBASE_TRACKER_DATA,
			   VMBASE_ERROR_NO_MEMORY);
		fake_mappings_of(vmbase_tracker_table(), &after);

		fake_assert_same_mappings(&after, &before);
		assert_int_equal(fake_machine.tables_given, 7);
	}
	assert_map(FREE_RAM + TABLE_SPAN / 2, 2 * TABLE_SPAN, VMBASE_TRACKER_DATA, VMBASE_OK);
}

static void unmap_takes_any_part(void **state)
{
	(void)state;
	assert_map(FREE_RAM, 8 * PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_map(FREE_RAM + 8 * PAGE, MIB2, VMBASE_TRACKER_RODATA, VMBASE_OK);
	assert_unmap(FREE_RAM + 2 * PAGE, PAGE, VMBASE_OK);
	assert_unmap(FREE_RAM + 6 * PAGE, 5 * PAGE, VMBASE_OK);
	assert_int_equal(fake_kind_at(FREE_RAM + PAGE), VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(fake_kind_at(FREE_RAM + 2 * PAGE), 0);
	assert_int_equal(fake_kind_at(FREE_RAM + 5 * PAGE), VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(fake_kind_at(FREE_RAM + 6 * PAGE), 0);
	assert_int_equal(fake_kind_at(FREE_RAM + 10 * PAGE), 0);
	assert_int_equal(fake_kind_at(FREE_RAM + 11 * PAGE), VMBASE_MAP_RODATA);
	assert_map(FREE_RAM + 2 * PAGE, PAGE, VMBASE_TRACKER_RODATA, VMBASE_OK);
	// A range of the static map can be unmapped and mapped again as another kind.
	assert_unmap(DTB, MIB2, VMBASE_OK);
	assert_map(DTB, 2 * PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
}

static void unmap_needs_all_of_the_range_mapped(void **state)
{
	(void)state;
	assert_map(FREE_RAM + PAGE, 2 * PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_map(FREE_RAM + 4 * PAGE, 2 * PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_unmap(FREE_RAM, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM, 2 * PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM + PAGE, 3 * PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM + PAGE, 4 * PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_MMIO, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(fake_kind_at(FREE_RAM + PAGE), VMBASE_MAP_DATA_TRACKED);
	assert_unmap(FREE_RAM + PAGE, 2 * PAGE, VMBASE_OK);
}

static void unmap_refuses_the_image_and_the_console(void **state)
{
	static const uintptr_t kept[] = { IMAGE_GUARD, MAIN_STACK, SECOND_GUARD, EXCEPTION_STACK, DATA,
					  PAGE_TABLES, TEXT,       RODATA,       CONSOLE };

	(void)state;
	fake_cpu.in_use[0] = (struct vmb_in_use){ { TEXT, RODATA }, VMB_USE_EXECUTE };
	fake_cpu.in_use[1] = (struct vmb_in_use){ { RODATA, RODATA + PAGE }, VMB_USE_READ };
	fake_mappings_of(vmbase_tracker_table(), &before);

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		assert_unmap(kept[i], PAGE, VMBASE_ERROR_BUSY);
	}
	assert_map(IMAGE_END, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_unmap(IMAGE_END - PAGE, 2 * PAGE, VMBASE_ERROR_BUSY);
	assert_unmap(IMAGE_END, PAGE, VMBASE_OK);
	fake_mappings_of(vmbase_tracker_table(), &after);

	fake_assert_same_mappings(&after, &before);
}

static void unmap_checks_bounds(void **state)
{
	(void)state;
	assert_map(RAM_END - PAGE, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_map(RAM_END, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_unmap(RAM_END - PAGE, 2 * PAGE, VMBASE_ERROR_OUT_OF_RANGE);
	assert_unmap(RAM_END, 0, VMBASE_ERROR_OUT_OF_RANGE);
	assert_unmap(RAM_END + PAGE, 0 - PAGE, VMBASE_ERROR_OUT_OF_RANGE);
	assert_unmap(ALL_ADDRESSES - PAGE, 2 * PAGE, VMBASE_ERROR_OUT_OF_RANGE);
	assert_unmap(RAM_END + 8, PAGE, VMBASE_ERROR_UNALIGNED);
	assert_unmap(RAM_END - PAGE, PAGE, VMBASE_OK);
	assert_unmap(RAM_END, PAGE, VMBASE_OK);
}

static void unmap_without_pages_changes_nothing(void **state)
{
	(void)state;
	assert_map(FREE_RAM, MIB2, VMBASE_TRACKER_RODATA, VMBASE_OK);
	fake_machine.table_limit = fake_machine.tables_given;
	assert_unmap(FREE_RAM, PAGE, VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(fake_kind_at(FREE_RAM), VMBASE_MAP_RODATA);
	assert_unmap(FREE_RAM, MIB2, VMBASE_OK);
}

static void shrink_moves_the_bounds(void **state)
{
	const struct vmbase_range smaller = { RAM + 4 * PAGE, RAM_END - MIB2 };

	(void)state;
	assert_int_equal(vmbase_tracker_shrink_ram(smaller), VMBASE_OK);
	assert_memory_equal(&fake_machine.shared_ram, &smaller, sizeof(smaller));
	assert_map(smaller.begin - PAGE, PAGE, VMBASE_TRACKER_DATA, VMBASE_ERROR_OUT_OF_RANGE);
	assert_map(smaller.end, PAGE, VMBASE_TRACKER_DATA, VMBASE_ERROR_OUT_OF_RANGE);
	assert_map(smaller.begin - PAGE, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(smaller.end, PAGE, VMBASE_TRACKER_MMIO, VMBASE_OK);
	assert_map(smaller.begin, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_map(smaller.end - PAGE, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	// To the range that it already has.
	assert_int_equal(vmbase_tracker_shrink_ram(smaller), VMBASE_OK);
}

static void ram_may_be_added(void **state)
{
	const struct vmbase_range high = range(4 * RAM_END, RAM_END);

	(void)state;
	assert_int_equal(vmbase_tracker_map(range(high.begin, PAGE), VMBASE_TRACKER_DATA),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_add_ram(high), VMBASE_OK);
	assert_memory_equal(&fake_machine.shared_ram, &high, sizeof(high));
	assert_int_equal(vmbase_tracker_map(range(high.begin, PAGE), VMBASE_TRACKER_DATA), VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(FREE_RAM, PAGE), VMBASE_TRACKER_DATA), VMBASE_OK);
	// Devices are between the two ranges.
	assert_int_equal(vmbase_tracker_map(range(RAM_END, PAGE), VMBASE_TRACKER_DATA),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_map(range(RAM_END, PAGE), VMBASE_TRACKER_MMIO), VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(high.begin + PAGE, PAGE), VMBASE_TRACKER_MMIO),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_map(range(high.begin - PAGE, 2 * PAGE), VMBASE_TRACKER_MMIO),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_unmap(range(high.begin - PAGE, 2 * PAGE)), VMBASE_ERROR_OUT_OF_RANGE);
	// Pages of both ranges are flushed.
	assert_int_equal(vmbase_tracker_handle_permission_fault(high.begin), VMBASE_OK);
	assert_int_equal(vmbase_tracker_handle_permission_fault(FREE_RAM), VMBASE_OK);
	assert_int_equal(vmbase_tracker_flush(), VMBASE_OK);
	assert_false(fake_is_dirty(high.begin));
	assert_false(fake_is_dirty(FREE_RAM));
	// A range merges with the ranges that it touches.
	assert_int_equal(vmbase_tracker_add_ram(range(high.end, PAGE)), VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(high.end - PAGE, 2 * PAGE), VMBASE_TRACKER_DATA), VMBASE_OK);
	// RAM can shrink to one range only if nothing of the other ranges is mapped.
	assert_int_equal(vmbase_tracker_shrink_ram(fake_ram), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_unmap(range(high.end - PAGE, 2 * PAGE)), VMBASE_OK);
	assert_int_equal(vmbase_tracker_unmap(range(high.begin, PAGE)), VMBASE_OK);
	assert_int_equal(vmbase_tracker_shrink_ram(fake_ram), VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(high.begin, PAGE), VMBASE_TRACKER_DATA),
			 VMBASE_ERROR_OUT_OF_RANGE);
}

static void ranges_that_cannot_be_ram_are_not_added(void **state)
{
	(void)state;
	assert_int_equal(vmbase_tracker_map(range(FREE_MMIO, PAGE), VMBASE_TRACKER_MMIO), VMBASE_OK);
	assert_int_equal(vmbase_tracker_add_ram(range(FREE_MMIO - PAGE, 2 * PAGE)), VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_tracker_add_ram(range(CONSOLE, PAGE)), VMBASE_ERROR_OVERLAP);
	assert_int_equal(vmbase_tracker_add_ram(range(RAM_END, 0)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_add_ram(range(ALL_ADDRESSES, PAGE)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_add_ram(range(RAM_END, PAGE / 2)), VMBASE_ERROR_UNALIGNED);
	fake_machine.sharing_add_error = VMBASE_ERROR_NO_MEMORY;
	assert_int_equal(vmbase_tracker_add_ram(range(2 * RAM_END, PAGE)), VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(vmbase_tracker_map(range(2 * RAM_END, PAGE), VMBASE_TRACKER_DATA),
			 VMBASE_ERROR_OUT_OF_RANGE);
	fake_machine.sharing_add_error = VMBASE_OK;
	for (uint64_t i = 1; i < VMBASE_TRACKER_RAM_RANGES; i++) {
		assert_int_equal(vmbase_tracker_add_ram(range(2 * RAM_END + i * MIB2, PAGE)), VMBASE_OK);
	}
	assert_int_equal(vmbase_tracker_add_ram(range(4 * RAM_END, PAGE)), VMBASE_ERROR_NO_MEMORY);
}

static void shrink_refuses_to_add_ram(void **state)
{
	(void)state;
	assert_int_equal(vmbase_tracker_shrink_ram(range(RAM - PAGE, MIB2)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_shrink_ram(range(RAM, RAM_END - RAM + PAGE)),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_shrink_ram(range(RAM, 0)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_shrink_ram((struct vmbase_range){ RAM_END, RAM }),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_shrink_ram(range(RAM, PAGE / 2)), VMBASE_ERROR_UNALIGNED);
	assert_int_equal(fake_machine.shared_ram.end, 0);
	assert_map(RAM_END - PAGE, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
}

static void shrink_refuses_to_exclude_mapped_memory(void **state)
{
	(void)state;
	for (int kind = VMBASE_TRACKER_RODATA; kind < VMBASE_TRACKER_MMIO; kind++) {
		assert_map(FREE_RAM, PAGE, (enum vmbase_tracker_kind)kind, VMBASE_OK);
		assert_int_equal(vmbase_tracker_shrink_ram(range(RAM, FREE_RAM - RAM)), VMBASE_ERROR_BUSY);
		assert_unmap(FREE_RAM, PAGE, VMBASE_OK);
	}
	// The image and the device tree are RAM too.
	assert_int_equal(vmbase_tracker_shrink_ram((struct vmbase_range){ IMAGE_GUARD, RAM_END }),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_shrink_ram((struct vmbase_range){ RAM, DTB + PAGE }),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(fake_machine.shared_ram.end, 0);
	assert_int_equal(vmbase_tracker_shrink_ram((struct vmbase_range){ TEXT, DTB + MIB2 }), VMBASE_OK);
}

// Makes every call that a source of pages or an interrupting handler might make.
static unsigned int calls_during_allocation;

static void call_all(void)
{
	assert_true(fake_machine.is_masked);
	assert_map(FREE_RAM + MIB2, PAGE, VMBASE_TRACKER_DATA, VMBASE_ERROR_BUSY);
	assert_unmap(DTB, PAGE, VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_shrink_ram(fake_ram), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_add_ram(fake_ram), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_flush(), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_ERROR_BUSY);
	assert_true(fake_machine.is_masked);
	calls_during_allocation++;
}

static void calls_within_a_call_are_refused(void **state)
{
	(void)state;
	calls_during_allocation = 0;
	fake_machine.during_allocation = call_all;
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_OK);
	assert_map(FREE_RAM, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_int_equal(calls_during_allocation, 8);
	assert_false(fake_machine.is_masked);
	assert_int_equal(fake_kind_at(FREE_RAM + MIB2), 0);
}

static void masked_interrupts_stay_masked(void **state)
{
	(void)state;
	fake_machine.is_masked = true;
	assert_int_equal(vmbase_tracker_start(fake_ram, &fake_table_pages), VMBASE_OK);
	assert_true(fake_machine.is_masked);
	assert_map(FREE_RAM, PAGE, VMBASE_TRACKER_DATA, VMBASE_OK);
	assert_int_equal(vmbase_tracker_flush(), VMBASE_OK);
	assert_true(fake_machine.is_masked);
	fake_machine.is_masked = false;
}

#define NOT_STARTED(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_check)
#define STARTED(test) cmocka_unit_test_setup_teardown(test, fake_set_up_started, fake_check)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NOT_STARTED(calls_fail_before_the_start),
		STARTED(each_tracker_kind_has_its_mapping),
		STARTED(map_checks_bounds),
		STARTED(map_refuses_an_overlap),
		STARTED(page_of_devices_stays_until_its_last_user_unmaps_it),
		STARTED(ranges_of_devices_may_overlap),
		STARTED(console_page_may_have_another_device),
		STARTED(failed_second_map_changes_nothing),
		STARTED(number_of_pages_with_several_users_is_limited),
		STARTED(number_of_users_is_limited),
		STARTED(page_of_counters_must_be_an_aligned_page_of_the_image),
		STARTED(map_without_pages_changes_nothing),
		STARTED(unmap_takes_any_part),
		STARTED(unmap_needs_all_of_the_range_mapped),
		STARTED(unmap_refuses_the_image_and_the_console),
		STARTED(unmap_checks_bounds),
		STARTED(unmap_without_pages_changes_nothing),
		STARTED(shrink_moves_the_bounds),
		STARTED(ram_may_be_added),
		STARTED(ranges_that_cannot_be_ram_are_not_added),
		STARTED(shrink_refuses_to_add_ram),
		STARTED(shrink_refuses_to_exclude_mapped_memory),
		NOT_STARTED(calls_within_a_call_are_refused),
		NOT_STARTED(masked_interrupts_stay_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
