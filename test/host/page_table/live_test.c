// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/page_table.h> for active tables: TLBs and running code.

#include "../support/page_table_fake.h"

#include "../../../src/page_table/table.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAGE VMBASE_PAGE_SIZE
#define RUN (16 * PAGE)
#define MIB2 UINT64_C(0x200000)
#define GIB UINT64_C(0x40000000)

#define ASID 0x5a

// The addresses that the tests map and the TLB watches.
#define HERE GIB

static struct vmbase_page_table table;
static struct fake_pages pages;

static struct vmbase_range range(uintptr_t begin, uint64_t size)
{
	return (struct vmbase_range){ begin, begin + size };
}

// Makes an active table. The table does not map this program; other tests check activation.
static int make_live(void **state)
{
	(void)state;
	fake_cpu_reset();
	fake_tlb_faults = 0;
	fake_pages_init(&pages, 2000, 0);
	if (vmbase_page_table_init(&table, &pages.pages, 48, ASID) != VMBASE_OK) {
		return 1;
	}
	table.is_active = true;
	fake_tlb_watch(&table, HERE, FAKE_TLB_PAGES_MAX);
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	fake_tlb_settle();
	fake_tlb_stop();
	table.is_active = false;
	return fake_tlb_faults != 0 || vmbase_page_table_destroy(&table) != VMBASE_OK || pages.given != 0;
}

static void map(uintptr_t begin, uint64_t size, enum vmbase_map_kind kind)
{
	assert_int_equal(vmbase_page_table_map(&table, range(begin, size), kind, 0), VMBASE_OK);
	fake_tlb_settle();
	fake_cpu.invalidations = 0;
	fake_cpu.publications = 0;
}

static uint64_t leaf_size_at(uintptr_t address)
{
	int level;

	return *vmb_find(&table, address, &level) == 0 ? 0 : vmb_level_size(level);
}

static bool is_kind_at(uintptr_t address, enum vmbase_map_kind kind)
{
	enum vmbase_map_kind found;

	return vmbase_page_table_translate(&table, address, NULL, &found) == VMBASE_OK && found == kind;
}

static void map_publishes_once_without_invalidation(void **state)
{
	(void)state;
	assert_int_equal(vmbase_page_table_map(&table, range(HERE, 3 * PAGE), VMBASE_MAP_DATA, 0), VMBASE_OK);
	assert_int_equal(fake_cpu.publications, 1);
	assert_int_equal(fake_cpu.invalidations, 0);
}

static void unmap_invalidates_once(void **state)
{
	(void)state;
	map(HERE, MIB2 + 100 * PAGE, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE, MIB2)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 1);
	assert_int_equal(fake_cpu.last_invalidated.begin, HERE);
	assert_int_equal(fake_cpu.last_invalidated.end, HERE + MIB2);
	assert_int_equal(fake_cpu.last_asid, ASID);
	assert_int_equal(fake_cpu.last_scope, VMB_TLB_LEAVES);
	// Entries that a walk may have cached of the freed table are invalidated too.
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE, GIB)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_int_equal(fake_cpu.last_scope, VMB_TLB_TABLES);
}

static void permissions_change_without_a_break(void **state)
{
	(void)state;
	map(HERE, MIB2 + 3 * RUN + PAGE, VMBASE_MAP_DATA);
	assert_int_equal(
		vmbase_page_table_protect(&table, range(HERE, MIB2 + 3 * RUN + PAGE), VMBASE_MAP_RODATA),
		VMBASE_OK);
	assert_int_equal(vmbase_page_table_protect(&table, range(HERE + MIB2 + RUN, RUN), VMBASE_MAP_CODE),
			 VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_int_equal(leaf_size_at(HERE), MIB2);
}

static void split_breaks_the_block(void **state)
{
	(void)state;
	map(HERE, MIB2, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_protect(&table, range(HERE + PAGE, PAGE), VMBASE_MAP_CODE),
			 VMBASE_OK);
	// One invalidation for the old block, one for the range.
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_true(is_kind_at(HERE, VMBASE_MAP_DATA));
	assert_true(is_kind_at(HERE + PAGE, VMBASE_MAP_CODE));
}

static void change_in_a_run_breaks_the_whole_run(void **state)
{
	(void)state;
	map(HERE, 2 * RUN, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + RUN + 3 * PAGE, PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_true(is_kind_at(HERE + 2 * RUN - PAGE, VMBASE_MAP_DATA));
	// One block of a run of blocks is split.
	map(HERE + 16 * MIB2, 16 * MIB2, VMBASE_MAP_DATA);
	fake_tlb_watch(&table, HERE + 16 * MIB2, FAKE_TLB_PAGES_MAX);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + 17 * MIB2 + PAGE, PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 3);
}

static void memory_type_changes_with_a_break(void **state)
{
	(void)state;
	assert_int_equal(
		vmbase_page_table_map(&table, range(HERE, 2 * PAGE), VMBASE_MAP_DATA, VMBASE_MAP_PAGES_ONLY),
		VMBASE_OK);
	assert_int_equal(vmbase_page_table_protect(&table, range(HERE, 2 * PAGE), VMBASE_MAP_DEVICE),
			 VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 3);
}

static void separate_pages_need_no_break(void **state)
{
	(void)state;
	assert_int_equal(
		vmbase_page_table_map(&table, range(HERE, MIB2), VMBASE_MAP_DATA, VMBASE_MAP_PAGES_ONLY),
		VMBASE_OK);
	assert_int_equal(vmbase_page_table_protect(&table, range(HERE + 5 * PAGE, PAGE), VMBASE_MAP_RODATA),
			 VMBASE_OK);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + 9 * PAGE, PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
}

static void fold_breaks_before_it_makes(void **state)
{
	(void)state;
	map(HERE, MIB2 / 2, VMBASE_MAP_DATA);
	map(HERE + MIB2 / 2, MIB2 / 2, VMBASE_MAP_DATA);
	for (uintptr_t page = HERE + MIB2; page < HERE + MIB2 + RUN; page += PAGE) {
		map(page, PAGE, VMBASE_MAP_CODE);
	}
	assert_int_equal(vmbase_page_table_fold(&table, range(HERE, GIB)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_int_equal(leaf_size_at(HERE), MIB2);
	assert_int_equal(pages.given, 4);
}

static void fault_handlers_change_only_the_faulting_page(void **state)
{
	(void)state;
	map(HERE, 3 * PAGE, VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(vmbase_page_table_resolve_lazy(&table, HERE + PAGE), VMBASE_OK);
	assert_int_equal(fake_cpu.publications, 1);
	assert_int_equal(fake_cpu.invalidations, 0);
	map(HERE + GIB, 3 * PAGE, VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, HERE + GIB + PAGE + 5), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 1);
	assert_int_equal(fake_cpu.last_invalidated.begin, HERE + GIB + PAGE);
	assert_int_equal(fake_cpu.last_invalidated.end, HERE + GIB + 2 * PAGE);
	// The page is already dirty: the fault came from an old TLB entry.
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, HERE + GIB + PAGE), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_int_equal(vmbase_page_table_flush_dirty(&table, range(HERE, 2 * GIB)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 3);
	assert_int_equal(fake_cpu.clean_bytes, PAGE);
}

static enum vmbase_error count_dirty(const struct vmbase_mapping *mapping, void *context)
{
	*(unsigned int *)context += mapping->is_dirty;
	return VMBASE_OK;
}

static void walk_and_flush_wait_for_dirty_states_of_the_cpu(void **state)
{
	unsigned int dirty = 0;
	int level;

	(void)state;
	table.has_hardware_dirty = true;
	map(HERE, 3 * PAGE, VMBASE_MAP_DATA_TRACKED);
	fake_cpu.pending_entry = vmb_find(&table, HERE + PAGE, &level);
	assert_int_equal(vmbase_page_table_walk(&table, range(HERE, 3 * PAGE), count_dirty, &dirty), VMBASE_OK);
	assert_int_equal(dirty, 1);
	fake_cpu.pending_entry = vmb_find(&table, HERE + 2 * PAGE, &level);
	assert_int_equal(vmbase_page_table_flush_dirty(&table, range(HERE, 3 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 2 * PAGE);
}

static void in_use(uintptr_t begin, uint64_t size, enum vmb_use use)
{
	fake_cpu.in_use[3] = (struct vmb_in_use){ range(begin, size), use };
}

static void memory_in_use_keeps_the_permissions_that_it_needs(void **state)
{
	static const bool allowed[][VMBASE_MAP_DEVICE_LAZY + 1] = {
		[VMB_USE_EXECUTE] = { [VMBASE_MAP_CODE] = true },
		[VMB_USE_READ] = { [VMBASE_MAP_CODE] = true,
				   [VMBASE_MAP_RODATA] = true,
				   [VMBASE_MAP_DATA] = true,
				   [VMBASE_MAP_DATA_TRACKED] = true },
		[VMB_USE_WRITE] = { [VMBASE_MAP_DATA] = true },
	};
	static const enum vmbase_map_kind natural[] = { VMBASE_MAP_CODE, VMBASE_MAP_RODATA, VMBASE_MAP_DATA };

	(void)state;
	for (int use = VMB_USE_EXECUTE; use <= VMB_USE_WRITE; use++) {
		for (int kind = VMBASE_MAP_CODE; kind <= VMBASE_MAP_DEVICE_LAZY; kind++) {
			assert_int_equal(vmbase_page_table_map(&table, range(HERE, 3 * PAGE), natural[use],
							       VMBASE_MAP_PAGES_ONLY),
					 VMBASE_OK);
			// One byte in use protects the whole page.
			in_use(HERE + PAGE + 9, 1, (enum vmb_use)use);
			assert_int_equal(vmbase_page_table_protect(&table, range(HERE, 2 * PAGE),
								   (enum vmbase_map_kind)kind),
					 allowed[use][kind] ? VMBASE_OK : VMBASE_ERROR_BUSY);
			assert_true(is_kind_at(HERE + PAGE,
					       allowed[use][kind] ? (enum vmbase_map_kind)kind : natural[use]));
			assert_int_equal(vmbase_page_table_unmap(&table, range(HERE, 3 * PAGE)),
					 VMBASE_ERROR_BUSY);
			assert_int_equal(vmbase_page_table_unmap(&table, range(HERE, PAGE)), VMBASE_OK);
			assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + 2 * PAGE, PAGE)),
					 VMBASE_OK);
			in_use(0, 0, VMB_USE_READ);
			assert_int_equal(vmbase_page_table_unmap(&table, range(HERE, 3 * PAGE)), VMBASE_OK);
		}
	}
}

static void memory_in_use_is_not_broken(void **state)
{
	(void)state;
	map(HERE, MIB2, VMBASE_MAP_DATA);
	in_use(HERE, 1, VMB_USE_WRITE);
	// Only pages of the same block or run are protected.
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + MIB2 - PAGE, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_protect(&table, range(HERE + PAGE, PAGE), VMBASE_MAP_CODE),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(leaf_size_at(HERE), MIB2);
	map(HERE + MIB2, 2 * RUN, VMBASE_MAP_DATA);
	in_use(HERE + MIB2, 1, VMB_USE_WRITE);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + MIB2 + RUN - PAGE, PAGE)),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + MIB2 + RUN, PAGE)), VMBASE_OK);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + MIB2 + RUN - PAGE, PAGE * 3)),
			 VMBASE_ERROR_BUSY);
	// Folding joins everything else.
	map(HERE + 2 * MIB2, MIB2 / 2, VMBASE_MAP_CODE);
	map(HERE + 5 * MIB2 / 2, MIB2 / 2, VMBASE_MAP_CODE);
	map(HERE + 3 * MIB2, MIB2 / 2, VMBASE_MAP_CODE);
	map(HERE + 7 * MIB2 / 2, MIB2 / 2, VMBASE_MAP_CODE);
	in_use(HERE + 2 * MIB2 + PAGE, 1, VMB_USE_EXECUTE);
	assert_int_equal(vmbase_page_table_fold(&table, range(HERE, GIB)), VMBASE_ERROR_BUSY);
	assert_int_equal(leaf_size_at(HERE + 2 * MIB2), PAGE);
	assert_int_equal(leaf_size_at(HERE + 3 * MIB2), MIB2);
}

static void fold_does_not_mark_a_run_in_use(void **state)
{
	int level;

	(void)state;
	for (uintptr_t page = HERE; page < HERE + 2 * RUN; page += PAGE) {
		map(page, PAGE, VMBASE_MAP_DATA);
	}
	in_use(HERE + PAGE, 1, VMB_USE_WRITE);
	assert_int_equal(vmbase_page_table_fold(&table, range(HERE, GIB)), VMBASE_ERROR_BUSY);
	assert_int_equal(*vmb_find(&table, HERE, &level) & PTE_CONTIGUOUS, 0);
	assert_int_not_equal(*vmb_find(&table, HERE + RUN, &level) & PTE_CONTIGUOUS, 0);
}

static void active_table_cannot_unmap_itself(void **state)
{
	const uintptr_t self = (uintptr_t)&table & ~(PAGE - 1);
	const uintptr_t root = (uintptr_t)table.root;

	(void)state;
	assert_int_equal(vmbase_page_table_map(&table, range(self, 4 * PAGE), VMBASE_MAP_DATA, 1), VMBASE_OK);
	assert_int_equal(vmbase_page_table_map(&table, range(root, PAGE), VMBASE_MAP_DATA, 1), VMBASE_OK);

	const uintptr_t other = table.highest_table;
	const uintptr_t lowest = table.lowest_table;

	assert_true(other != root || lowest != root);
	assert_int_equal(vmbase_page_table_unmap(&table, range(self, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(root, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(other, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(lowest, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_protect(&table, range(root, PAGE), VMBASE_MAP_RODATA),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_protect(&table, range(root, PAGE), VMBASE_MAP_DATA), VMBASE_OK);
	// A page next to the range is not in use.
	assert_int_equal(vmbase_page_table_unmap(&table, range(self + 2 * PAGE, 2 * PAGE)), VMBASE_OK);
}

static void memory_between_tables_can_be_unmapped(void **state)
{
	static alignas(4096) char between[3 * 4096];
	const uintptr_t page = (uintptr_t)between + PAGE;

	(void)state;
	map(page, PAGE, VMBASE_MAP_DATA);
	// As if one table were below and one above.
	table.lowest_table = 0;
	table.highest_table = (UINT64_C(1) << 48) - PAGE;
	assert_int_equal(vmbase_page_table_unmap(&table, range(page, PAGE)), VMBASE_OK);
}

// The next test changes the pages on both sides of the boundary of two blocks. It gives pages of these blocks
// for tables, in the order of these numbers.
#define SOURCE_PAGES 1024
static alignas(2 * 1024 * 1024) char source[SOURCE_PAGES * 4096];
static size_t source_numbers[2];
static size_t source_given;

static void *give_of_source(void *context)
{
	(void)context;
	return source_given < 2 ? &source[source_numbers[source_given++] * PAGE] : NULL;
}

static void take_back_to_source(void *page, void *context)
{
	if ((uintptr_t)page - (uintptr_t)source < sizeof(source)) {
		source_given--;
	} else {
		pages.pages.free(page, context);
	}
}

static void pages_inside_the_changed_range_do_not_become_tables(void **state)
{
	static const enum vmbase_map_kind kinds[] = { (enum vmbase_map_kind)0, VMBASE_MAP_CODE,
						      VMBASE_MAP_RODATA,       VMBASE_MAP_DATA_TRACKED,
						      VMBASE_MAP_DEVICE,       VMBASE_MAP_DEVICE_LAZY };
	static const size_t numbers[][2] = { { 511, 5 }, { 5, 511 }, { 512, 600 }, { 600, 513 } };
	const uintptr_t begin = (uintptr_t)source;
	const struct vmbase_range changed = range(begin + 511 * PAGE, 3 * PAGE);

	(void)state;
	map(begin, 2 * MIB2, VMBASE_MAP_DATA);

	table.pages.allocate = give_of_source;
	table.pages.free = take_back_to_source;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++) {
			memcpy(source_numbers, numbers[j], sizeof(source_numbers));
			assert_int_equal(kinds[i] == 0 ? vmbase_page_table_unmap(&table, changed)
						       : vmbase_page_table_protect(&table, changed, kinds[i]),
					 VMBASE_ERROR_BUSY);
			assert_int_equal(source_given, 0);
			assert_int_equal(leaf_size_at(begin), MIB2);
			assert_int_equal(leaf_size_at(changed.end), MIB2);
			assert_true(is_kind_at(changed.begin, VMBASE_MAP_DATA));
		}
	}
	// The neighbours become tables, and then cannot be changed either.
	source_numbers[0] = 510;
	source_numbers[1] = 514;
	assert_int_equal(vmbase_page_table_unmap(&table, changed), VMBASE_OK);
	assert_int_equal(source_given, 2);
	assert_int_equal(vmbase_page_table_unmap(&table, range(changed.begin - PAGE, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(changed.end, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(changed.end + PAGE, PAGE)), VMBASE_OK);
	// A table that is not active may unmap its own memory.
	table.is_active = false;
	assert_int_equal(vmbase_page_table_unmap(&table, range(begin, 2 * MIB2)), VMBASE_OK);
	assert_int_equal(source_given, 0);
	table.is_active = true;
	table.pages = pages.pages;
}

// Activation needs these mapped: a program of three pages, this struct, and the pages of tables.
static alignas(4096) char program[3 * 4096];

static void use_program(void)
{
	const uintptr_t begin = (uintptr_t)program;

	fake_cpu.in_use[0] = (struct vmb_in_use){ range(begin, 100), VMB_USE_EXECUTE };
	fake_cpu.in_use[1] = (struct vmb_in_use){ range(begin + PAGE + 8, 100), VMB_USE_READ };
	fake_cpu.in_use[2] = (struct vmb_in_use){ range(begin + 2 * PAGE, PAGE), VMB_USE_WRITE };
}

static alignas(4096) struct {
	struct vmbase_page_table table;
	alignas(4096) char pages[40][4096];
	size_t given;
} own;

static void *give(void *context)
{
	(void)context;
	return own.given < 40 ? own.pages[own.given++] : NULL;
}

static void take_back(void *page, void *context)
{
	(void)context, (void)page;
}

static const struct vmbase_table_pages own_pages = { .allocate = give, .free = take_back };

static void map_program(const enum vmbase_map_kind kinds[3])
{
	fake_cpu_reset();
	use_program();
	own.given = 0;
	assert_int_equal(vmbase_page_table_init(&own.table, &own_pages, 48, ASID), VMBASE_OK);
	for (size_t i = 0; i < 3; i++) {
		if (kinds[i] != 0) {
			assert_int_equal(vmbase_page_table_map(&own.table,
							       range((uintptr_t)program + i * PAGE, PAGE),
							       kinds[i], 0),
					 VMBASE_OK);
		}
	}
}

static void map_own(enum vmbase_map_kind table_kind, enum vmbase_map_kind pages_kind)
{
	const uintptr_t begin = (uintptr_t)&own;

	if (table_kind != 0) {
		assert_int_equal(vmbase_page_table_map(&own.table, range(begin, PAGE), table_kind, 0),
				 VMBASE_OK);
	}
	if (pages_kind != 0) {
		assert_int_equal(
			vmbase_page_table_map(&own.table, range(begin + PAGE, 40 * PAGE), pages_kind, 0),
			VMBASE_OK);
	}
}

static const enum vmbase_map_kind good[3] = { VMBASE_MAP_CODE, VMBASE_MAP_RODATA, VMBASE_MAP_DATA };

static void activate_switches_and_deactivate_switches_back(void **state)
{
	(void)state;
	map_program(good);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	fake_cpu.ttbr0 = 123;
	fake_cpu.tcr = 456;
	assert_int_equal(vmbase_page_table_deactivate(&own.table), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_OK);
	assert_int_equal(fake_cpu.switches, 1);
	assert_int_equal(fake_cpu.ttbr0, (uintptr_t)own.table.root | (uint64_t)ASID << 48);
	assert_int_equal(fake_cpu.tcr, 16);
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_destroy(&own.table), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&own.table, range((uintptr_t)program, PAGE)),
			 VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_deactivate(&own.table), VMBASE_OK);
	assert_int_equal(fake_cpu.switches, 2);
	assert_int_equal(fake_cpu.ttbr0, 123);
	assert_int_equal(fake_cpu.tcr, 456);
	assert_int_equal(vmbase_page_table_unmap(&own.table, range((uintptr_t)program, PAGE)), VMBASE_OK);
	assert_int_equal(vmbase_page_table_destroy(&own.table), VMBASE_OK);
}

static void activate_refuses_a_map_without_running_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (int kind = 0; kind <= VMBASE_MAP_DEVICE_LAZY; kind++) {
			enum vmbase_map_kind kinds[3] = { good[0], good[1], good[2] };
			// Several kinds are readable.
			const bool works = kind == (int)good[i] || (i == 1 && kind >= VMBASE_MAP_CODE &&
								    kind <= VMBASE_MAP_DATA_TRACKED);

			kinds[i] = (enum vmbase_map_kind)kind;
			map_program(kinds);
			map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
			assert_int_equal(vmbase_page_table_activate(&own.table),
					 works ? VMBASE_OK : VMBASE_ERROR_BUSY);
			assert_int_equal(fake_cpu.switches, works ? 1 : 0);
		}
	}
	for (int kind = 0; kind <= VMBASE_MAP_RODATA; kind++) {
		map_program(good);
		map_own((enum vmbase_map_kind)kind, VMBASE_MAP_DATA);
		assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
		map_program(good);
		map_own(VMBASE_MAP_DATA, (enum vmbase_map_kind)kind);
		assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
	}
}

static void activate_refuses_a_map_to_other_addresses(void **state)
{
	static const enum vmbase_map_kind without_data[3] = { VMBASE_MAP_CODE, VMBASE_MAP_RODATA };
	const uintptr_t data = (uintptr_t)program + 2 * PAGE;

	(void)state;
	map_program(without_data);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_map_to(&own.table, range(data, PAGE), (struct vmbase_phys){ GIB },
						  VMBASE_MAP_DATA, 0),
			 VMBASE_OK);
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
	// Addresses outside the table.
	map_program(good);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	fake_cpu.in_use[3] = (struct vmb_in_use){ range(UINT64_C(1) << 48, 1), VMB_USE_READ };
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
}

static void activate_does_not_need_memory_between_tables(void **state)
{
	(void)state;
	map_program(good);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	// As if tables were far apart, with nothing mapped between them.
	own.table.lowest_table = 0;
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_OK);
}

static void activate_accepts_a_map_of_blocks(void **state)
{
	const uintptr_t begin = (uintptr_t)program & ~(GIB - 1);

	(void)state;
	fake_cpu_reset();
	fake_cpu.in_use[2] = (struct vmb_in_use){ range((uintptr_t)program + 5, 2 * PAGE), VMB_USE_WRITE };
	own.given = 0;
	assert_int_equal(vmbase_page_table_init(&own.table, &own_pages, 48, ASID), VMBASE_OK);
	assert_int_equal(vmbase_page_table_map(&own.table, range(begin, 2 * GIB), VMBASE_MAP_DATA, 0),
			 VMBASE_OK);
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_OK);
}

static void activate_checks_each_use_by_itself(void **state)
{
	static const enum vmbase_map_kind readable[3] = { VMBASE_MAP_CODE, VMBASE_MAP_RODATA,
							  VMBASE_MAP_RODATA };
	const uintptr_t begin = (uintptr_t)program;

	(void)state;
	map_program(readable);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	// All pages are readable, but one must be writable.
	fake_cpu.in_use[0] = (struct vmb_in_use){ range(begin, 3 * PAGE), VMB_USE_READ };
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
	fake_cpu.in_use[2].use = VMB_USE_READ;
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_OK);
}

static void activate_refuses_tables_that_walks_read_elsewhere(void **state)
{
	const struct vmbase_table_pages elsewhere = { .allocate = give,
						      .free = take_back,
						      .physical_offset = GIB };

	(void)state;
	fake_cpu_reset();
	own.given = 0;
	assert_int_equal(vmbase_page_table_init(&own.table, &elsewhere, 48, ASID), VMBASE_OK);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	// The tables are mapped as writable, but walks read other memory.
	fake_cpu.in_use[2] = (struct vmb_in_use){ range((uintptr_t)&own, 41 * PAGE), VMB_USE_WRITE };
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
}

// Each page of a table is an object of its own here: ASan detects accesses past its end.
static void activate_does_not_read_past_the_end_of_a_table(void **state)
{
	struct vmbase_page_table made;
	uintptr_t begin;

	(void)state;
	fake_cpu_reset();
	fake_pages_init(&pages, 20, 0);
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 48, ASID), VMBASE_OK);
	begin = (uintptr_t)made.root & ~(GIB - 1);
	assert_int_equal(vmbase_page_table_map(&made, range(begin - GIB, 3 * GIB), VMBASE_MAP_DATA, 0),
			 VMBASE_OK);
	begin = (uintptr_t)&made & ~(GIB - 1);
	assert_int_equal(vmbase_page_table_map(&made, range(begin, 2 * GIB), VMBASE_MAP_DATA, 0), VMBASE_OK);
	assert_int_equal(vmbase_page_table_map(&made, range(HERE + MIB2 - PAGE, 2 * PAGE), VMBASE_MAP_DATA, 0),
			 VMBASE_OK);
	fake_cpu.in_use[0] = (struct vmb_in_use){ range(HERE + MIB2 - PAGE, 2 * PAGE), VMB_USE_WRITE };
	assert_int_equal(vmbase_page_table_activate(&made), VMBASE_OK);
	assert_int_equal(vmbase_page_table_deactivate(&made), VMBASE_OK);
	assert_int_equal(vmbase_page_table_destroy(&made), VMBASE_OK);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, make_live, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(map_publishes_once_without_invalidation),
		LIVE(unmap_invalidates_once),
		LIVE(permissions_change_without_a_break),
		LIVE(split_breaks_the_block),
		LIVE(change_in_a_run_breaks_the_whole_run),
		LIVE(memory_type_changes_with_a_break),
		LIVE(separate_pages_need_no_break),
		LIVE(fold_breaks_before_it_makes),
		LIVE(walk_and_flush_wait_for_dirty_states_of_the_cpu),
		LIVE(fault_handlers_change_only_the_faulting_page),
		LIVE(memory_in_use_keeps_the_permissions_that_it_needs),
		LIVE(memory_in_use_is_not_broken),
		LIVE(fold_does_not_mark_a_run_in_use),
		LIVE(active_table_cannot_unmap_itself),
		LIVE(memory_between_tables_can_be_unmapped),
		LIVE(pages_inside_the_changed_range_do_not_become_tables),
		cmocka_unit_test(activate_switches_and_deactivate_switches_back),
		cmocka_unit_test(activate_refuses_a_map_without_running_code),
		cmocka_unit_test(activate_refuses_a_map_to_other_addresses),
		cmocka_unit_test(activate_does_not_need_memory_between_tables),
		cmocka_unit_test(activate_accepts_a_map_of_blocks),
		cmocka_unit_test(activate_checks_each_use_by_itself),
		cmocka_unit_test(activate_refuses_tables_that_walks_read_elsewhere),
		cmocka_unit_test(activate_does_not_read_past_the_end_of_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
