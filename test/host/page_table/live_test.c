// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/page_table.h> for active tables: TLBs, and code that runs.

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

// Where the tests map something, for the TLB to watch.
#define HERE GIB

static struct vmbase_page_table table;
static struct fake_pages pages;

static struct vmbase_range range(uintptr_t begin, uint64_t size)
{
	return (struct vmbase_range){ begin, begin + size };
}

// A table that is active although it does not map this program: that is another test's subject.
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

static void map_publishes_and_invalidates_nothing(void **state)
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
	// What a walk may remember of the table that goes with its last page is removed as well.
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
	// One for the block as it was, one for the range.
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_true(is_kind_at(HERE, VMBASE_MAP_DATA));
	assert_true(is_kind_at(HERE + PAGE, VMBASE_MAP_CODE));
}

static void change_in_a_run_breaks_all_of_it(void **state)
{
	(void)state;
	map(HERE, 2 * RUN, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + RUN + 3 * PAGE, PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 2);
	assert_true(is_kind_at(HERE + 2 * RUN - PAGE, VMBASE_MAP_DATA));
	// A run of blocks, of which one is split.
	map(HERE + 16 * MIB2, 16 * MIB2, VMBASE_MAP_DATA);
	fake_tlb_watch(&table, HERE + 16 * MIB2, FAKE_TLB_PAGES_MAX);
	assert_int_equal(vmbase_page_table_unmap(&table, range(HERE + 17 * MIB2 + PAGE, PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.invalidations, 3);
}

static void memory_type_changes_by_a_break(void **state)
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

static void faults_are_answered_for_their_page_alone(void **state)
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
	// Dirty already: the entry that faulted was an old one.
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

static void dirty_states_of_the_cpu_are_waited_for(void **state)
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
			// A byte is enough.
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
	// It is in the same block, or run; the others are not.
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
	// Folding does as much as possible.
	map(HERE + 2 * MIB2, MIB2 / 2, VMBASE_MAP_CODE);
	map(HERE + 5 * MIB2 / 2, MIB2 / 2, VMBASE_MAP_CODE);
	map(HERE + 3 * MIB2, MIB2 / 2, VMBASE_MAP_CODE);
	map(HERE + 7 * MIB2 / 2, MIB2 / 2, VMBASE_MAP_CODE);
	in_use(HERE + 2 * MIB2 + PAGE, 1, VMB_USE_EXECUTE);
	assert_int_equal(vmbase_page_table_fold(&table, range(HERE, GIB)), VMBASE_ERROR_BUSY);
	assert_int_equal(leaf_size_at(HERE + 2 * MIB2), PAGE);
	assert_int_equal(leaf_size_at(HERE + 3 * MIB2), MIB2);
}

static void runs_in_use_are_not_marked(void **state)
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

static void the_table_itself_is_in_use(void **state)
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
	// A neighbour of the range is not in use either.
	assert_int_equal(vmbase_page_table_unmap(&table, range(self + 2 * PAGE, 2 * PAGE)), VMBASE_OK);
}

static void memory_between_tables_is_free(void **state)
{
	static alignas(4096) char between[3 * 4096];
	const uintptr_t page = (uintptr_t)between + PAGE;

	(void)state;
	map(page, PAGE, VMBASE_MAP_DATA);
	// As if one table lay on either side.
	table.lowest_table = 0;
	table.highest_table = (UINT64_C(1) << 48) - PAGE;
	assert_int_equal(vmbase_page_table_unmap(&table, range(page, PAGE)), VMBASE_OK);
}

// Two blocks of which the next test changes the pages where they meet, and the pages of them that it gives for
// tables, by their number: the first first.
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

static void pages_of_the_range_do_not_become_tables(void **state)
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
	// Their neighbours become tables, and from then on can no more be changed than the others.
	source_numbers[0] = 510;
	source_numbers[1] = 514;
	assert_int_equal(vmbase_page_table_unmap(&table, changed), VMBASE_OK);
	assert_int_equal(source_given, 2);
	assert_int_equal(vmbase_page_table_unmap(&table, range(changed.begin - PAGE, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(changed.end, PAGE)), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_page_table_unmap(&table, range(changed.end + PAGE, PAGE)), VMBASE_OK);
	// A table that no CPU walks may unmap the memory that it is in.
	table.is_active = false;
	assert_int_equal(vmbase_page_table_unmap(&table, range(begin, 2 * MIB2)), VMBASE_OK);
	assert_int_equal(source_given, 0);
	table.is_active = true;
	table.pages = pages.pages;
}

// What activation wants to be mapped: a program of three pages, this struct, and the tables' pages.
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
			// What may be read may be readable in more than one way.
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

static void activate_refuses_a_map_to_elsewhere(void **state)
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
	// Addresses that the table does not have.
	map_program(good);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	fake_cpu.in_use[3] = (struct vmb_in_use){ range(UINT64_C(1) << 48, 1), VMB_USE_READ };
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
}

static void activate_needs_only_the_tables_themselves_mapped(void **state)
{
	(void)state;
	map_program(good);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	// As if tables lay far apart, with nothing mapped in between.
	own.table.lowest_table = 0;
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_OK);
}

static void map_over_blocks_is_enough_for_activation(void **state)
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

static void activation_tells_uses_apart(void **state)
{
	static const enum vmbase_map_kind readable[3] = { VMBASE_MAP_CODE, VMBASE_MAP_RODATA,
							  VMBASE_MAP_RODATA };
	const uintptr_t begin = (uintptr_t)program;

	(void)state;
	map_program(readable);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	// All of it can be read, but one page would have to be written.
	fake_cpu.in_use[0] = (struct vmb_in_use){ range(begin, 3 * PAGE), VMB_USE_READ };
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
	fake_cpu.in_use[2].use = VMB_USE_READ;
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_OK);
}

static void activation_wants_tables_where_walks_find_them(void **state)
{
	const struct vmbase_table_pages elsewhere = { .allocate = give,
						      .free = take_back,
						      .physical_offset = GIB };

	(void)state;
	fake_cpu_reset();
	own.given = 0;
	assert_int_equal(vmbase_page_table_init(&own.table, &elsewhere, 48, ASID), VMBASE_OK);
	map_own(VMBASE_MAP_DATA, VMBASE_MAP_DATA);
	// To be written they may be, but it is other memory that walks read.
	fake_cpu.in_use[2] = (struct vmb_in_use){ range((uintptr_t)&own, 41 * PAGE), VMB_USE_WRITE };
	assert_int_equal(vmbase_page_table_activate(&own.table), VMBASE_ERROR_BUSY);
}

// Each page that a table is made of is an object of its own here, at whose end ASan watches.
static void activation_reads_tables_to_their_end(void **state)
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
		LIVE(map_publishes_and_invalidates_nothing),
		LIVE(unmap_invalidates_once),
		LIVE(permissions_change_without_a_break),
		LIVE(split_breaks_the_block),
		LIVE(change_in_a_run_breaks_all_of_it),
		LIVE(memory_type_changes_by_a_break),
		LIVE(separate_pages_need_no_break),
		LIVE(fold_breaks_before_it_makes),
		LIVE(dirty_states_of_the_cpu_are_waited_for),
		LIVE(faults_are_answered_for_their_page_alone),
		LIVE(memory_in_use_keeps_the_permissions_that_it_needs),
		LIVE(memory_in_use_is_not_broken),
		LIVE(runs_in_use_are_not_marked),
		LIVE(the_table_itself_is_in_use),
		LIVE(memory_between_tables_is_free),
		LIVE(pages_of_the_range_do_not_become_tables),
		cmocka_unit_test(activate_switches_and_deactivate_switches_back),
		cmocka_unit_test(activate_refuses_a_map_without_running_code),
		cmocka_unit_test(activate_refuses_a_map_to_elsewhere),
		cmocka_unit_test(activate_needs_only_the_tables_themselves_mapped),
		cmocka_unit_test(map_over_blocks_is_enough_for_activation),
		cmocka_unit_test(activation_tells_uses_apart),
		cmocka_unit_test(activation_wants_tables_where_walks_find_them),
		cmocka_unit_test(activation_reads_tables_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
