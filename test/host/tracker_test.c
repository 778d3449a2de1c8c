// SPDX-License-Identifier: Apache-2.0

// What <vmbase/memory.h> says of taking over, mapping and unmapping.

#include "tracker_fake.h"

#include "../../src/memory/tracker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct vmbase_range ram = { RAM, RAM_END };

static int reset(void **state)
{
	(void)state;
	fake_machine_reset();
	return 0;
}

static int take_over(void **state)
{
	(void)reset(state);
	return vmbase_memory_take_over(ram, &fake_table_pages) != VMBASE_OK;
}

// In any state: interrupts are as they were, and the tables are sound.
static int check(void **state)
{
	(void)state;
	if (fake_machine.is_masked || vmb_tracker.is_busy) {
		return 1;
	}
	const struct fake_pages pages = { .given = fake_machine.tables_given };

	return vmbase_memory_table() != NULL && !fake_table_is_sound(vmbase_memory_table(), &pages);
}

static void assert_map(uintptr_t begin, uint64_t size_bytes, enum vmbase_memory_kind kind,
		       enum vmbase_error error)
{
	assert_int_equal(vmbase_memory_map(range(begin, size_bytes), kind), error);
}

static void assert_unmap(uintptr_t begin, uint64_t size_bytes, enum vmbase_error error)
{
	assert_int_equal(vmbase_memory_unmap(range(begin, size_bytes)), error);
}

// The mappings of a table, one after the other.
struct mappings {
	struct vmbase_mapping list[2000];
	size_t count;
};

static enum vmbase_error collect(void *context, const struct vmbase_mapping *mapping)
{
	struct mappings *mappings = context;

	assert_true(mappings->count < sizeof(mappings->list) / sizeof(mappings->list[0]));
	// Without what fills the gaps between its members, so that two of them can be compared.
	memset(&mappings->list[mappings->count], 0, sizeof(*mapping));
	mappings->list[mappings->count].range = mapping->range;
	mappings->list[mappings->count].phys = mapping->phys;
	mappings->list[mappings->count].kind = mapping->kind;
	mappings->list[mappings->count].is_dirty = mapping->is_dirty;
	mappings->list[mappings->count].is_contiguous = mapping->is_contiguous;
	mappings->list[mappings->count].leaf_size = mapping->leaf_size;
	mappings->count++;
	return VMBASE_OK;
}

static struct mappings mappings_of(const struct vmbase_page_table *table)
{
	static struct mappings mappings; // too large for a stack

	mappings.count = 0;
	assert_int_equal(vmbase_page_table_walk(table, range(0, ALL_ADDRESSES), collect, &mappings), VMBASE_OK);
	return mappings;
}

static void assert_same_mappings(const struct mappings *a, const struct mappings *b)
{
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->list, b->list, a->count * sizeof(a->list[0]));
}

// The table that vmbase_page_table_map() makes of the same regions.
static void assert_map_is_that_of(const struct vmb_region *regions)
{
	struct vmbase_page_table table;
	struct fake_pages pages;

	fake_pages_init(&pages, 100, 0);
	assert_int_equal(vmbase_page_table_init(&table, &pages.pages, VMBASE_MEMORY_VA_BITS, 0), VMBASE_OK);
	for (; regions->attributes != 0; regions++) {
		const struct vmbase_range pages_of_it = { regions->begin,
							  (regions->end + PAGE - 1) & ~(PAGE - 1) };

		if (regions->begin != regions->end) {
			assert_int_equal(
				vmbase_page_table_map(&table, pages_of_it, vmb_kind(regions->attributes), 0),
				VMBASE_OK);
		}
	}
	const struct mappings expected = mappings_of(&table);
	const struct mappings found = mappings_of(vmbase_memory_table());

	assert_same_mappings(&found, &expected);
	for (size_t i = 0; i < found.count; i++) {
		int level;

		assert_int_equal(*vmb_find(vmbase_memory_table(), found.list[i].range.begin, &level),
				 *vmb_find(&table, found.list[i].range.begin, &level));
	}
	assert_int_equal(fake_machine.tables_given, pages.given);
	assert_int_equal(vmbase_page_table_destroy(&table), VMBASE_OK);
}

static void take_over_has_what_the_static_map_has(void **state)
{
	(void)state;
	fake_cpu.ttbr0 = 123;
	assert_null(vmbase_memory_table());
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_OK);
	assert_map_is_that_of(fake_regions);
	assert_int_equal(fake_machine.tables_given, 7);
	assert_int_equal(fake_kind_at(TEXT), VMBASE_MAP_CODE);
	assert_int_equal(fake_kind_at(RODATA), VMBASE_MAP_RODATA);
	assert_int_equal(fake_kind_at(DATA), VMBASE_MAP_DATA);
	assert_int_equal(fake_kind_at(IMAGE_GUARD), 0);
	assert_int_equal(fake_kind_at(MAIN_STACK - 1), 0);
	assert_int_equal(fake_kind_at(SECOND_GUARD), 0);
	// It is in force.
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_cpu.ttbr0 & PTE_ADDRESS_MASK, (uintptr_t)vmbase_memory_table()->root);
	assert_int_not_equal(fake_cpu.ttbr0 >> 48, 0);
	assert_int_equal(fake_cpu.tcr, 64 - VMBASE_MEMORY_VA_BITS);
}

static void take_over_maps_the_console_in_any_case(void **state)
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
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_OK);
	assert_map_is_that_of(with_console);
}

static void take_over_maps_regions_of_any_size(void **state)
{
	static const struct vmb_region regions[] = {
		{ CONSOLE, CONSOLE + PAGE, BOOT_MAP_DEVICE },
		// From within one GiB, block and page into others.
		{ RAM + MIB2 - 17 * PAGE, RAM + 0x40000000 + 40 * MIB2 + 18 * PAGE, BOOT_MAP_DATA },
		{ RAM + MIB2 - 20 * PAGE, RAM + MIB2 - 17 * PAGE - 1, BOOT_MAP_CODE },
		{ RAM + 0x40000000 + 40 * MIB2 + 18 * PAGE, RAM + 0x40000000 + 41 * MIB2 + PAGE,
		  BOOT_MAP_RODATA },
		{ 0x100000000, 0x180000000, BOOT_MAP_RODATA },
		// All of an entry of the topmost table.
		{ ALL_ADDRESSES / 2, ALL_ADDRESSES, BOOT_MAP_RODATA },
		{ 0 },
	};

	(void)state;
	fake_machine.regions = regions;
	assert_int_equal(vmbase_memory_take_over(range(0x200000000, PAGE), &fake_table_pages), VMBASE_OK);
	assert_map_is_that_of(regions);
}

static void assert_not_taken_over(struct vmbase_range where, const struct vmbase_table_pages *pages,
				  enum vmbase_error error)
{
	assert_int_equal(vmbase_memory_take_over(where, pages), error);
	assert_null(vmbase_memory_table());
	assert_int_equal(fake_cpu.switches, 0);
	assert_int_equal(fake_machine.tables_given, 0);
}

static void take_over_checks_what_it_is_given(void **state)
{
	struct vmbase_table_pages elsewhere = fake_table_pages;

	(void)state;
	elsewhere.physical_offset = PAGE;
	assert_not_taken_over(ram, &elsewhere, VMBASE_ERROR_INVALID_ARGUMENT);
	assert_not_taken_over(range(RAM + 1, PAGE), &fake_table_pages, VMBASE_ERROR_UNALIGNED);
	assert_not_taken_over(range(RAM, PAGE - 1), &fake_table_pages, VMBASE_ERROR_UNALIGNED);
	assert_not_taken_over(range(RAM, 0), &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	assert_not_taken_over((struct vmbase_range){ RAM_END, RAM }, &fake_table_pages,
			      VMBASE_ERROR_OUT_OF_RANGE);
	assert_not_taken_over(range(RAM, ALL_ADDRESSES - RAM + PAGE), &fake_table_pages,
			      VMBASE_ERROR_OUT_OF_RANGE);
	assert_not_taken_over(range(RAM, UINT64_MAX - RAM - PAGE + 1), &fake_table_pages,
			      VMBASE_ERROR_OUT_OF_RANGE);
	assert_not_taken_over(range(0, RAM_END), &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	assert_not_taken_over(range(CONSOLE, PAGE), &fake_table_pages, VMBASE_ERROR_OUT_OF_RANGE);
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(FREE_RAM, 100);
	assert_not_taken_over(ram, &fake_table_pages, VMBASE_ERROR_BUSY);
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(IMAGE_END - 50, 100);
	assert_not_taken_over(ram, &fake_table_pages, VMBASE_ERROR_BUSY);
	// After all that, it can still be done.
	fake_cpu.in_use[VMB_IN_USE_STACK].range = range(MAIN_STACK, 100);
	assert_int_equal(vmbase_memory_take_over(range(CONSOLE + PAGE, ALL_ADDRESSES - CONSOLE - PAGE),
						 &fake_table_pages),
			 VMBASE_OK);
}

static void take_over_comes_back_from_every_shortage(void **state)
{
	(void)state;
	for (size_t limit = 0; limit < 7; limit++) {
		fake_machine.table_limit = limit;
		assert_not_taken_over(ram, &fake_table_pages, VMBASE_ERROR_NO_MEMORY);
	}
	fake_machine.table_limit = 7;
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_OK);
}

static void tables_are_of_the_image(void **state)
{
	(void)state;
	fake_machine.has_foreign_pages = true;
	assert_not_taken_over(ram, &fake_table_pages, VMBASE_ERROR_NO_MEMORY);
	fake_machine.has_foreign_pages = false;
	fake_machine.misaligned_by = 8;
	assert_not_taken_over(ram, &fake_table_pages, VMBASE_ERROR_UNALIGNED);
	fake_machine.misaligned_by = 0;
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_OK);
	fake_machine.has_foreign_pages = true;
	assert_map(FREE_RAM, PAGE, VMBASE_MEMORY_DATA, VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(fake_machine.tables_given, 7);
}

static void take_over_happens_once(void **state)
{
	(void)state;
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_ERROR_BUSY);
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_machine.tables_given, 7);
}

static void nothing_works_before_the_take_over(void **state)
{
	(void)state;
	assert_map(FREE_RAM, PAGE, VMBASE_MEMORY_DATA, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_memory_shrink_ram(ram), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_memory_flush(), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_memory_tear_down(), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(fake_machine.unshare_all_calls, 0);
	assert_int_equal(fake_cpu.switches, 0);
}

static void map_gives_each_kind_its_own(void **state)
{
	static const enum vmbase_map_kind expected[] = {
		[VMBASE_MEMORY_RODATA] = VMBASE_MAP_RODATA,
		[VMBASE_MEMORY_DATA] = VMBASE_MAP_DATA_TRACKED,
		[VMBASE_MEMORY_DATA_NOFLUSH] = VMBASE_MAP_DATA,
		[VMBASE_MEMORY_MMIO] = VMBASE_MAP_DEVICE_LAZY,
	};

	(void)state;
	for (int kind = VMBASE_MEMORY_RODATA; kind <= VMBASE_MEMORY_MMIO; kind++) {
		const uintptr_t begin =
			(kind == VMBASE_MEMORY_MMIO ? FREE_MMIO : FREE_RAM) + (uintptr_t)kind * 5 * PAGE;
		struct vmbase_phys phys;

		assert_map(begin, 3 * PAGE, (enum vmbase_memory_kind)kind, VMBASE_OK);
		assert_int_equal(fake_kind_at(begin - 1), 0);
		assert_int_equal(fake_kind_at(begin), expected[kind]);
		assert_int_equal(fake_kind_at(begin + 3 * PAGE - 1), expected[kind]);
		assert_int_equal(fake_kind_at(begin + 3 * PAGE), 0);
		assert_int_equal(vmbase_page_table_translate(vmbase_memory_table(), begin + 5, &phys, NULL),
				 VMBASE_OK);
		assert_int_equal(phys.address, begin + 5);
	}
	assert_map(FREE_RAM, PAGE, (enum vmbase_memory_kind)0, VMBASE_ERROR_INVALID_ARGUMENT);
	assert_map(FREE_RAM, PAGE, (enum vmbase_memory_kind)(VMBASE_MEMORY_MMIO + 1),
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
		assert_int_equal(vmbase_memory_map(cases[i].range, VMBASE_MEMORY_DATA), cases[i].as_ram);
		assert_int_equal(vmbase_memory_map(cases[i].range, VMBASE_MEMORY_MMIO), cases[i].as_mmio);
	}
}

static void map_refuses_an_overlap(void **state)
{
	static const uintptr_t taken[] = { TEXT, RODATA,      IMAGE_GUARD, MAIN_STACK - PAGE, MAIN_STACK,
					   DATA, PAGE_TABLES, DTB,         SECOND_GUARD,      FREE_RAM };

	(void)state;
	assert_map(FREE_RAM, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_map(FREE_MMIO, PAGE, VMBASE_MEMORY_MMIO, VMBASE_OK);
	const struct mappings before = mappings_of(vmbase_memory_table());

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		for (int kind = VMBASE_MEMORY_RODATA; kind < VMBASE_MEMORY_MMIO; kind++) {
			assert_map(taken[i], PAGE, (enum vmbase_memory_kind)kind, VMBASE_ERROR_OVERLAP);
			// Its last page only.
			assert_map(taken[i] - 100 * PAGE, 101 * PAGE, (enum vmbase_memory_kind)kind,
				   VMBASE_ERROR_OVERLAP);
		}
	}
	assert_map(CONSOLE, PAGE, VMBASE_MEMORY_MMIO, VMBASE_ERROR_OVERLAP);
	assert_map(FREE_MMIO - PAGE, 2 * PAGE, VMBASE_MEMORY_MMIO, VMBASE_ERROR_OVERLAP);
	const struct mappings after = mappings_of(vmbase_memory_table());

	assert_same_mappings(&after, &before);
}

static void map_without_pages_changes_nothing(void **state)
{
	(void)state;
	for (fake_machine.table_limit = 7; fake_machine.table_limit < 10; fake_machine.table_limit++) {
		const struct mappings before = mappings_of(vmbase_memory_table());

		assert_map(FREE_RAM + TABLE_SPAN / 2, 2 * TABLE_SPAN, VMBASE_MEMORY_DATA,
			   VMBASE_ERROR_NO_MEMORY);
		const struct mappings after = mappings_of(vmbase_memory_table());

		assert_same_mappings(&after, &before);
		assert_int_equal(fake_machine.tables_given, 7);
	}
	assert_map(FREE_RAM + TABLE_SPAN / 2, 2 * TABLE_SPAN, VMBASE_MEMORY_DATA, VMBASE_OK);
}

static void unmap_takes_any_part(void **state)
{
	(void)state;
	assert_map(FREE_RAM, 8 * PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_map(FREE_RAM + 8 * PAGE, MIB2, VMBASE_MEMORY_RODATA, VMBASE_OK);
	assert_unmap(FREE_RAM + 2 * PAGE, PAGE, VMBASE_OK);
	assert_unmap(FREE_RAM + 6 * PAGE, 5 * PAGE, VMBASE_OK);
	assert_int_equal(fake_kind_at(FREE_RAM + PAGE), VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(fake_kind_at(FREE_RAM + 2 * PAGE), 0);
	assert_int_equal(fake_kind_at(FREE_RAM + 5 * PAGE), VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(fake_kind_at(FREE_RAM + 6 * PAGE), 0);
	assert_int_equal(fake_kind_at(FREE_RAM + 10 * PAGE), 0);
	assert_int_equal(fake_kind_at(FREE_RAM + 11 * PAGE), VMBASE_MAP_RODATA);
	assert_map(FREE_RAM + 2 * PAGE, PAGE, VMBASE_MEMORY_RODATA, VMBASE_OK);
	// What the static map gave it may have otherwise.
	assert_unmap(DTB, MIB2, VMBASE_OK);
	assert_map(DTB, 2 * PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
}

static void unmap_wants_all_of_it_mapped(void **state)
{
	(void)state;
	assert_map(FREE_RAM + PAGE, 2 * PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_map(FREE_RAM + 4 * PAGE, 2 * PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_unmap(FREE_RAM, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM, 2 * PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM + PAGE, 3 * PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_RAM + PAGE, 4 * PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_unmap(FREE_MMIO, PAGE, VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(fake_kind_at(FREE_RAM + PAGE), VMBASE_MAP_DATA_TRACKED);
	assert_unmap(FREE_RAM + PAGE, 2 * PAGE, VMBASE_OK);
}

static void unmap_leaves_the_image_and_the_console(void **state)
{
	static const uintptr_t kept[] = { IMAGE_GUARD, MAIN_STACK, SECOND_GUARD, EXCEPTION_STACK, DATA,
					  PAGE_TABLES, TEXT,       RODATA,       CONSOLE };

	(void)state;
	fake_cpu.in_use[0] = (struct vmb_in_use){ { TEXT, RODATA }, VMB_USE_EXECUTE };
	fake_cpu.in_use[1] = (struct vmb_in_use){ { RODATA, RODATA + PAGE }, VMB_USE_READ };
	const struct mappings before = mappings_of(vmbase_memory_table());

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		assert_unmap(kept[i], PAGE, VMBASE_ERROR_BUSY);
	}
	assert_map(IMAGE_END, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_unmap(IMAGE_END - PAGE, 2 * PAGE, VMBASE_ERROR_BUSY);
	assert_unmap(IMAGE_END, PAGE, VMBASE_OK);
	const struct mappings after = mappings_of(vmbase_memory_table());

	assert_same_mappings(&after, &before);
}

static void unmap_checks_bounds(void **state)
{
	(void)state;
	assert_map(RAM_END - PAGE, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_map(RAM_END, PAGE, VMBASE_MEMORY_MMIO, VMBASE_OK);
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
	assert_map(FREE_RAM, MIB2, VMBASE_MEMORY_RODATA, VMBASE_OK);
	fake_machine.table_limit = fake_machine.tables_given;
	assert_unmap(FREE_RAM, PAGE, VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(fake_kind_at(FREE_RAM), VMBASE_MAP_RODATA);
	assert_unmap(FREE_RAM, MIB2, VMBASE_OK);
}

static void shrink_moves_the_bounds(void **state)
{
	const struct vmbase_range smaller = { RAM + 4 * PAGE, RAM_END - MIB2 };

	(void)state;
	assert_int_equal(vmbase_memory_shrink_ram(smaller), VMBASE_OK);
	assert_memory_equal(&fake_machine.shared_ram, &smaller, sizeof(smaller));
	assert_map(smaller.begin - PAGE, PAGE, VMBASE_MEMORY_DATA, VMBASE_ERROR_OUT_OF_RANGE);
	assert_map(smaller.end, PAGE, VMBASE_MEMORY_DATA, VMBASE_ERROR_OUT_OF_RANGE);
	assert_map(smaller.begin - PAGE, PAGE, VMBASE_MEMORY_MMIO, VMBASE_OK);
	assert_map(smaller.end, PAGE, VMBASE_MEMORY_MMIO, VMBASE_OK);
	assert_map(smaller.begin, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_map(smaller.end - PAGE, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	// To what it is already.
	assert_int_equal(vmbase_memory_shrink_ram(smaller), VMBASE_OK);
}

static void shrink_is_no_growth(void **state)
{
	(void)state;
	assert_int_equal(vmbase_memory_shrink_ram(range(RAM - PAGE, MIB2)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_memory_shrink_ram(range(RAM, RAM_END - RAM + PAGE)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_memory_shrink_ram(range(RAM, 0)), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_memory_shrink_ram((struct vmbase_range){ RAM_END, RAM }),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_memory_shrink_ram(range(RAM, PAGE / 2)), VMBASE_ERROR_UNALIGNED);
	assert_int_equal(fake_machine.shared_ram.end, 0);
	assert_map(RAM_END - PAGE, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
}

static void shrink_leaves_nothing_outside(void **state)
{
	(void)state;
	for (int kind = VMBASE_MEMORY_RODATA; kind < VMBASE_MEMORY_MMIO; kind++) {
		assert_map(FREE_RAM, PAGE, (enum vmbase_memory_kind)kind, VMBASE_OK);
		assert_int_equal(vmbase_memory_shrink_ram(range(RAM, FREE_RAM - RAM)), VMBASE_ERROR_BUSY);
		assert_unmap(FREE_RAM, PAGE, VMBASE_OK);
	}
	// The image and the device tree are RAM, too.
	assert_int_equal(vmbase_memory_shrink_ram((struct vmbase_range){ IMAGE_GUARD, RAM_END }),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_memory_shrink_ram((struct vmbase_range){ RAM, DTB + PAGE }), VMBASE_ERROR_BUSY);
	assert_int_equal(fake_machine.shared_ram.end, 0);
	assert_int_equal(vmbase_memory_shrink_ram((struct vmbase_range){ TEXT, DTB + MIB2 }), VMBASE_OK);
}

// Calls of all that a source of pages, or a handler that came in between, might call.
static unsigned int calls_during_allocation;

static void call_all(void)
{
	assert_true(fake_machine.is_masked);
	assert_map(FREE_RAM + MIB2, PAGE, VMBASE_MEMORY_DATA, VMBASE_ERROR_BUSY);
	assert_unmap(DTB, PAGE, VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_memory_shrink_ram(ram), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_memory_flush(), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_memory_tear_down(), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_ERROR_BUSY);
	assert_true(fake_machine.is_masked);
	calls_during_allocation++;
}

static void nothing_happens_within_itself(void **state)
{
	(void)state;
	calls_during_allocation = 0;
	fake_machine.during_allocation = call_all;
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_OK);
	assert_map(FREE_RAM, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_int_equal(calls_during_allocation, 8);
	assert_false(fake_machine.is_masked);
	assert_int_equal(fake_kind_at(FREE_RAM + MIB2), 0);
}

static void interrupts_stay_masked_that_were(void **state)
{
	(void)state;
	fake_machine.is_masked = true;
	assert_int_equal(vmbase_memory_take_over(ram, &fake_table_pages), VMBASE_OK);
	assert_true(fake_machine.is_masked);
	assert_map(FREE_RAM, PAGE, VMBASE_MEMORY_DATA, VMBASE_OK);
	assert_int_equal(vmbase_memory_flush(), VMBASE_OK);
	assert_true(fake_machine.is_masked);
	fake_machine.is_masked = false;
}

#define NEW(test) cmocka_unit_test_setup_teardown(test, reset, check)
#define TAKEN_OVER(test) cmocka_unit_test_setup_teardown(test, take_over, check)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NEW(take_over_has_what_the_static_map_has),
		NEW(take_over_maps_the_console_in_any_case),
		NEW(take_over_maps_regions_of_any_size),
		NEW(take_over_checks_what_it_is_given),
		NEW(take_over_comes_back_from_every_shortage),
		NEW(tables_are_of_the_image),
		TAKEN_OVER(take_over_happens_once),
		NEW(nothing_works_before_the_take_over),
		TAKEN_OVER(map_gives_each_kind_its_own),
		TAKEN_OVER(map_checks_bounds),
		TAKEN_OVER(map_refuses_an_overlap),
		TAKEN_OVER(map_without_pages_changes_nothing),
		TAKEN_OVER(unmap_takes_any_part),
		TAKEN_OVER(unmap_wants_all_of_it_mapped),
		TAKEN_OVER(unmap_leaves_the_image_and_the_console),
		TAKEN_OVER(unmap_checks_bounds),
		TAKEN_OVER(unmap_without_pages_changes_nothing),
		TAKEN_OVER(shrink_moves_the_bounds),
		TAKEN_OVER(shrink_is_no_growth),
		TAKEN_OVER(shrink_leaves_nothing_outside),
		NEW(nothing_happens_within_itself),
		NEW(interrupts_stay_masked_that_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
