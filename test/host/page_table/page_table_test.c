// SPDX-License-Identifier: Apache-2.0

// The rules of <vmbase/page_table.h> for a table that no CPU uses.

#include "../support/page_table_fake.h"

#include "../../../src/page_table/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAGE VMBASE_PAGE_SIZE
#define RUN (16 * PAGE)
#define MIB2 UINT64_C(0x200000)
#define GIB UINT64_C(0x40000000)

static struct vmbase_page_table table;
static struct fake_pages pages;

static struct vmbase_range range(uintptr_t begin, uint64_t size)
{
	return (struct vmbase_range){ begin, begin + size };
}

static int make_table(void **state, unsigned int va_bits)
{
	(void)state;
	fake_cpu_reset();
	fake_pages_init(&pages, 2000, 0);
	return vmbase_page_table_init(&table, &pages.pages, va_bits, 0) != VMBASE_OK;
}

static int make_39(void **state)
{
	return make_table(state, 39);
}

static int make_48(void **state)
{
	return make_table(state, 48);
}

static int destroy(void **state)
{
	(void)state;
	const bool sound = fake_table_is_sound(&table, &pages);

	return !sound || vmbase_page_table_destroy(&table) != VMBASE_OK || pages.given != 0;
}

static void map(uintptr_t begin, uint64_t size, enum vmbase_map_kind kind)
{
	assert_int_equal(vmbase_page_table_map(&table, range(begin, size), kind, 0), VMBASE_OK);
}

static void protect(uintptr_t begin, uint64_t size, enum vmbase_map_kind kind)
{
	assert_int_equal(vmbase_page_table_protect(&table, range(begin, size), kind), VMBASE_OK);
}

static void unmap(uintptr_t begin, uint64_t size)
{
	assert_int_equal(vmbase_page_table_unmap(&table, range(begin, size)), VMBASE_OK);
}

// Returns the descriptor of an address.
static uint64_t descriptor_at(uintptr_t address)
{
	int level;

	return *vmb_find(&table, address, &level);
}

static uint64_t leaf_size_at(uintptr_t address)
{
	int level;

	return *vmb_find(&table, address, &level) == 0 ? 0 : vmb_level_size(level);
}

static bool is_contiguous_at(uintptr_t address)
{
	return (descriptor_at(address) & PTE_CONTIGUOUS) != 0;
}

static bool is_at(uintptr_t address, uint64_t phys, enum vmbase_map_kind kind)
{
	struct vmbase_phys found;
	enum vmbase_map_kind found_kind;

	return vmbase_page_table_translate(&table, address, &found, &found_kind) == VMBASE_OK &&
	       found.address == phys && found_kind == kind;
}

static bool is_unmapped(uintptr_t address)
{
	return vmbase_page_table_translate(&table, address, NULL, NULL) == VMBASE_ERROR_NOT_FOUND;
}

static void init_refuses_invalid_arguments(void **state)
{
	struct vmbase_page_table untouched;
	struct vmbase_page_table made;

	(void)state;
	fake_cpu_reset();
	fake_pages_init(&pages, 10, 0);
	memset(&untouched, 0x5a, sizeof(untouched));
	memcpy(&made, &untouched, sizeof(made));
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 24, 0), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 49, 0), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 39, 256), VMBASE_ERROR_INVALID_ARGUMENT);
	pages.limit = 0;
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 39, 0), VMBASE_ERROR_NO_MEMORY);
	pages.limit = 1;
	pages.misaligned_by = 64;
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 39, 0), VMBASE_ERROR_UNALIGNED);
	pages.misaligned_by = 0;
	pages.pages.physical_offset = 64;
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 39, 0), VMBASE_ERROR_UNALIGNED);
	// No address of this program is so low.
	pages.pages.physical_offset = 0;
	fake_cpu.features.pa_bits = 20;
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 39, 0), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(pages.given, 0);
	assert_memory_equal(&made, &untouched, sizeof(made));
}

static void init_makes_tables_of_all_sizes(void **state)
{
	(void)state;
	for (unsigned int bits = 25; bits <= 48; bits++) {
		const uintptr_t last = (UINT64_C(1) << bits) - PAGE;

		assert_int_equal(make_table(state, bits), 0);
		assert_int_equal(pages.given, 1);
		map(last, PAGE, VMBASE_MAP_DATA);
		map(0, PAGE, VMBASE_MAP_CODE);
		assert_true(is_at(last, last, VMBASE_MAP_DATA));
		assert_true(is_at(0, 0, VMBASE_MAP_CODE));
		assert_int_equal(table.tcr, 64 - bits);
		assert_int_equal(destroy(state), 0);
	}
}

static void ttbr0_has_the_physical_root_and_the_asid(void **state)
{
	struct vmbase_page_table made;

	(void)state;
	fake_cpu_reset();
	fake_pages_init(&pages, 10, UINT64_C(0x800000000000));
	assert_int_equal(vmbase_page_table_init(&made, &pages.pages, 39, 0xfe), VMBASE_OK);
	assert_int_equal(made.ttbr0, ((uintptr_t)made.root + UINT64_C(0x800000000000)) |
					     UINT64_C(0xfe) << TTBR0_EL1_ASID_SHIFT);
	assert_int_equal(vmbase_page_table_map(&made, range(0, PAGE), VMBASE_MAP_DATA, 0), VMBASE_OK);
	// A table descriptor also has a physical address.
	assert_int_equal(made.root[0] >> 47 & 1, 1);
	assert_int_equal(vmbase_page_table_destroy(&made), VMBASE_OK);
	assert_int_equal(pages.given, 0);
}

// The bits of each kind: DDI 0487, issue K.a, Translation table descriptor formats.
static void each_kind_has_its_descriptor(void **state)
{
	static const struct {
		enum vmbase_map_kind kind;
		uint64_t descriptor;
	} kinds[] = {
		{ VMBASE_MAP_CODE, UINT64_C(0x0040000000000f87) },
		{ VMBASE_MAP_RODATA, UINT64_C(0x0060000000000f87) },
		{ VMBASE_MAP_DATA, UINT64_C(0x0060000000000f07) },
		{ VMBASE_MAP_DATA_TRACKED, UINT64_C(0x0160000000000f87) },
		{ VMBASE_MAP_DEVICE, UINT64_C(0x0060000000000c03) },
		{ VMBASE_MAP_DEVICE_LAZY, UINT64_C(0x00e0000000000c02) },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		map(i * PAGE, PAGE, kinds[i].kind);
		assert_int_equal(descriptor_at(i * PAGE), kinds[i].descriptor | i * PAGE);
		assert_true(is_at(i * PAGE + 5, i * PAGE + 5, kinds[i].kind));
	}
	assert_int_equal(pages.given, 3);
	destroy(state);
	fake_cpu.features.hardware_dirty = true;
	assert_int_equal(vmbase_page_table_init(&table, &pages.pages, 39, 0), VMBASE_OK);
	map(0, PAGE, VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(descriptor_at(0), UINT64_C(0x0168000000000f87));
	map(PAGE, PAGE, VMBASE_MAP_DATA);
	assert_int_equal(descriptor_at(PAGE) & PTE_DBM, 0);
}

static enum vmbase_error visit_nothing(const struct vmbase_mapping *mapping, void *context)
{
	(void)context, (void)mapping;
	return VMBASE_OK;
}

static void invalid_ranges_are_refused(void **state)
{
	static const struct {
		struct vmbase_range range;
		enum vmbase_error error;
	} cases[] = {
		{ { 1, PAGE }, VMBASE_ERROR_UNALIGNED },
		{ { 0, PAGE + 8 }, VMBASE_ERROR_UNALIGNED },
		{ { PAGE, PAGE }, VMBASE_ERROR_OUT_OF_RANGE },
		{ { 2 * PAGE, PAGE }, VMBASE_ERROR_OUT_OF_RANGE },
		{ { 0, (UINT64_C(1) << 39) + PAGE }, VMBASE_ERROR_OUT_OF_RANGE },
		{ { UINT64_C(1) << 39, (UINT64_C(1) << 39) + PAGE }, VMBASE_ERROR_OUT_OF_RANGE },
		{ { UINTPTR_MAX - PAGE + 1, 0 }, VMBASE_ERROR_OUT_OF_RANGE },
		{ { UINTPTR_MAX - PAGE + 1, PAGE }, VMBASE_ERROR_OUT_OF_RANGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vmbase_range it = cases[i].range;
		const enum vmbase_error error = cases[i].error;

		assert_int_equal(vmbase_page_table_map(&table, it, VMBASE_MAP_DATA, 0), error);
		assert_int_equal(
			vmbase_page_table_map_to(&table, it, (struct vmbase_phys){ 0 }, VMBASE_MAP_DATA, 0),
			error);
		assert_int_equal(vmbase_page_table_unmap(&table, it), error);
		assert_int_equal(vmbase_page_table_protect(&table, it, VMBASE_MAP_DATA), error);
		assert_int_equal(vmbase_page_table_fold(&table, it), error);
		assert_int_equal(vmbase_page_table_walk(&table, it, visit_nothing, NULL), error);
		assert_int_equal(vmbase_page_table_flush_dirty(&table, it), error);
	}
	assert_int_equal(pages.given, 1);
}

static void invalid_physical_ranges_are_refused(void **state)
{
	static const struct {
		uint64_t phys;
		uint64_t size;
		enum vmbase_error error;
	} cases[] = {
		{ 8, PAGE, VMBASE_ERROR_UNALIGNED },
		{ UINT64_C(1) << 36, PAGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ (UINT64_C(1) << 36) - PAGE, 2 * PAGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ UINT64_MAX - PAGE + 1, 2 * PAGE, VMBASE_ERROR_OUT_OF_RANGE },
		{ (UINT64_C(1) << 36) - PAGE, PAGE, VMBASE_OK },
	};

	(void)state;
	// The tables of this test are above 36 bits themselves: no more tables may be needed.
	map(8 * PAGE, PAGE, VMBASE_MAP_DATA);
	table.pa_end = UINT64_C(1) << 36;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(vmbase_page_table_map_to(&table, range(0, cases[i].size),
							  (struct vmbase_phys){ cases[i].phys },
							  VMBASE_MAP_DATA, 0),
				 cases[i].error);
	}
}

static void unknown_kinds_and_flags_are_refused(void **state)
{
	(void)state;
	map(0, PAGE, VMBASE_MAP_DATA);
	for (int kind = -1; kind <= 7; kind += kind == 0 ? 7 : 1) {
		assert_int_equal(
			vmbase_page_table_map(&table, range(PAGE, PAGE), (enum vmbase_map_kind)kind, 0),
			VMBASE_ERROR_INVALID_ARGUMENT);
		assert_int_equal(vmbase_page_table_protect(&table, range(0, PAGE), (enum vmbase_map_kind)kind),
				 VMBASE_ERROR_INVALID_ARGUMENT);
	}
	assert_int_equal(vmbase_page_table_map(&table, range(PAGE, PAGE), VMBASE_MAP_DATA, 2),
			 VMBASE_ERROR_INVALID_ARGUMENT);
	assert_true(is_unmapped(PAGE));
	assert_true(is_at(0, 0, VMBASE_MAP_DATA));
}

static void map_uses_the_largest_blocks_that_fit(void **state)
{
	const uintptr_t begin = GIB - MIB2 - PAGE;

	(void)state;
	// A page, a 2 MiB block, two 1 GiB blocks, a 2 MiB block, a page.
	map(begin, 2 * (PAGE + MIB2 + GIB), VMBASE_MAP_DATA);
	assert_int_equal(leaf_size_at(begin), PAGE);
	assert_int_equal(leaf_size_at(GIB - MIB2), MIB2);
	assert_int_equal(leaf_size_at(GIB), GIB);
	assert_int_equal(leaf_size_at(2 * GIB), GIB);
	assert_int_equal(leaf_size_at(3 * GIB), MIB2);
	assert_int_equal(leaf_size_at(3 * GIB + MIB2), PAGE);
	assert_true(is_unmapped(begin - 1));
	assert_true(is_unmapped(3 * GIB + MIB2 + PAGE));
	// The root, and on each side a table of level 2 and one of level 3.
	assert_int_equal(pages.given, 5);
	assert_true(is_at(2 * GIB + 0x12345678, 2 * GIB + 0x12345678, VMBASE_MAP_DATA));
}

static void blocks_are_aligned_on_both_sides(void **state)
{
	static const struct {
		uint64_t offset;
		uint64_t leaf_size;
	} cases[] = {
		{ PAGE, PAGE }, { RUN, PAGE }, { MIB2, MIB2 }, { 512 * MIB2, GIB }, { 0 - GIB, GIB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vmbase_phys phys = { 4 * GIB + cases[i].offset };

		assert_int_equal(
			vmbase_page_table_map_to(&table, range(4 * GIB, GIB), phys, VMBASE_MAP_DATA, 0),
			VMBASE_OK);
		assert_int_equal(leaf_size_at(4 * GIB), cases[i].leaf_size);
		assert_true(is_at(5 * GIB - 1, phys.address + GIB - 1, VMBASE_MAP_DATA));
		assert_int_equal(is_contiguous_at(4 * GIB),
				 cases[i].leaf_size != GIB && cases[i].offset % (16 * cases[i].leaf_size) == 0);
		unmap(4 * GIB, GIB);
	}
}

static void level_0_has_no_blocks(void **state)
{
	const uint64_t size = UINT64_C(1) << 39;

	(void)state;
	map(size, 2 * size, VMBASE_MAP_DATA);
	assert_int_equal(leaf_size_at(size), GIB);
	assert_int_equal(leaf_size_at(3 * size - 1), GIB);
	assert_true(is_contiguous_at(size));
	assert_int_equal(pages.given, 3);
	// The whole range of one entry of level 0.
	map(4 * size, size, VMBASE_MAP_DATA);
	assert_int_equal(leaf_size_at(4 * size), GIB);
}

static void runs_of_sixteen_are_contiguous(void **state)
{
	(void)state;
	// Pages, from the middle of a run to the middle of another.
	map(RUN + PAGE, 3 * RUN, VMBASE_MAP_CODE);
	assert_false(is_contiguous_at(RUN + PAGE));
	assert_false(is_contiguous_at(2 * RUN - PAGE));
	assert_true(is_contiguous_at(2 * RUN));
	assert_true(is_contiguous_at(4 * RUN - PAGE));
	assert_false(is_contiguous_at(4 * RUN));
	// Blocks.
	map(GIB - 16 * MIB2, 32 * MIB2, VMBASE_MAP_DEVICE);
	assert_true(is_contiguous_at(GIB - 16 * MIB2));
	assert_true(is_contiguous_at(GIB + 15 * MIB2));
	map(2 * GIB + MIB2, 16 * MIB2, VMBASE_MAP_DATA);
	assert_false(is_contiguous_at(2 * GIB + 15 * MIB2));
	// Less than a run, although the mapping before is contiguous with it.
	map(8 * RUN, 15 * PAGE, VMBASE_MAP_DATA);
	map(9 * RUN - PAGE, PAGE, VMBASE_MAP_DATA);
	assert_false(is_contiguous_at(8 * RUN));
	map(16 * GIB, 16 * GIB, VMBASE_MAP_DATA);
	assert_true(is_contiguous_at(31 * GIB));
}

static void pages_only_flag_maps_pages_without_runs(void **state)
{
	(void)state;
	assert_int_equal(vmbase_page_table_map(&table, range(GIB, GIB), VMBASE_MAP_DATA, VMBASE_MAP_PAGES_ONLY),
			 VMBASE_OK);
	assert_int_equal(leaf_size_at(GIB), PAGE);
	assert_int_equal(leaf_size_at(2 * GIB - 1), PAGE);
	assert_false(is_contiguous_at(GIB));
	assert_int_equal(pages.given, 1 + 1 + 512);
	assert_true(fake_table_is_sound(&table, &pages));
}

static void tracked_and_lazy_memory_is_mapped_in_pages(void **state)
{
	(void)state;
	map(0, 2 * MIB2, VMBASE_MAP_DATA_TRACKED);
	map(GIB, 2 * MIB2, VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(leaf_size_at(0), PAGE);
	assert_int_equal(leaf_size_at(GIB), PAGE);
	assert_false(is_contiguous_at(0));
	assert_false(is_contiguous_at(GIB));
}

static void refused_overlap_leaves_the_table_unchanged(void **state)
{
	static const enum vmbase_map_kind kinds[] = { VMBASE_MAP_DATA, VMBASE_MAP_DEVICE_LAZY };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		map(3 * MIB2, PAGE, kinds[i]);
		assert_int_equal(vmbase_page_table_map(&table, range(0, 4 * MIB2), VMBASE_MAP_CODE, 0),
				 VMBASE_ERROR_OVERLAP);
		assert_int_equal(
			vmbase_page_table_map(&table, range(3 * MIB2 - PAGE, 2 * PAGE), VMBASE_MAP_CODE, 0),
			VMBASE_ERROR_OVERLAP);
		assert_int_equal(vmbase_page_table_map(&table, range(3 * MIB2, PAGE), kinds[i], 0),
				 VMBASE_ERROR_OVERLAP);
		assert_int_equal(pages.given, 3);
		assert_true(is_unmapped(0));
		assert_true(is_unmapped(3 * MIB2 - PAGE));
		assert_true(is_at(3 * MIB2, 3 * MIB2, kinds[i]));
		unmap(3 * MIB2, PAGE);
	}
	map(GIB, GIB, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_map(&table, range(GIB + MIB2, PAGE), VMBASE_MAP_DATA, 0),
			 VMBASE_ERROR_OVERLAP);
}

// With any number of pages, a call does everything or nothing.
static void failed_allocation_leaves_the_table_unchanged(void **state)
{
	(void)state;
	for (size_t limit = 1; limit < 7; limit++) {
		pages.limit = limit;
		assert_int_equal(vmbase_page_table_map(&table, range(GIB - PAGE, GIB + 2 * PAGE),
						       VMBASE_MAP_DATA, limit < 5 ? 0 : VMBASE_MAP_PAGES_ONLY),
				 VMBASE_ERROR_NO_MEMORY);
		assert_int_equal(pages.given, 1);
		assert_true(is_unmapped(GIB - PAGE));
	}
	// A page needs a table of each level.
	for (size_t limit = 1; limit < 3; limit++) {
		pages.limit = limit;
		assert_int_equal(vmbase_page_table_map(&table, range(GIB, PAGE), VMBASE_MAP_DATA, 0),
				 VMBASE_ERROR_NO_MEMORY);
		assert_int_equal(pages.given, 1);
		assert_true(is_unmapped(GIB));
	}
	pages.limit = 5;
	map(GIB - PAGE, GIB + 2 * PAGE, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_unmap(&table, range(GIB + PAGE, PAGE)), VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(vmbase_page_table_protect(&table, range(GIB + PAGE, PAGE), VMBASE_MAP_RODATA),
			 VMBASE_ERROR_NO_MEMORY);
	assert_true(is_at(GIB + PAGE, GIB + PAGE, VMBASE_MAP_DATA));
	assert_int_equal(leaf_size_at(GIB + PAGE), GIB);
	// The source may give misaligned pages.
	pages.limit = 2000;
	pages.misaligned_by = 2048;
	assert_int_equal(vmbase_page_table_unmap(&table, range(GIB + PAGE, PAGE)), VMBASE_ERROR_UNALIGNED);
	assert_int_equal(pages.given, 5);
	pages.misaligned_by = 0;
}

static void unmap_splits_blocks_and_runs(void **state)
{
	(void)state;
	map(0, 2 * GIB, VMBASE_MAP_DATA);
	unmap(GIB + MIB2 + 17 * PAGE, PAGE);
	assert_int_equal(leaf_size_at(0), GIB);
	assert_int_equal(leaf_size_at(GIB + 2 * MIB2), MIB2);
	assert_int_equal(leaf_size_at(GIB + MIB2), PAGE);
	assert_true(is_unmapped(GIB + MIB2 + 17 * PAGE));
	// The rest of the split runs stays mapped; the other runs of both tables stay runs.
	assert_true(is_at(GIB + MIB2 + 16 * PAGE, GIB + MIB2 + 16 * PAGE, VMBASE_MAP_DATA));
	assert_false(is_contiguous_at(GIB + MIB2 + 16 * PAGE));
	assert_true(is_contiguous_at(GIB + MIB2));
	assert_false(is_contiguous_at(GIB));
	assert_true(is_contiguous_at(GIB + 16 * MIB2));
	assert_int_equal(pages.given, 3);
}

static void unmap_frees_empty_tables(void **state)
{
	(void)state;
	map(GIB - PAGE, GIB + 2 * PAGE, VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(pages.given, 1 + 3 + 514);
	unmap(GIB + PAGE, GIB - 2 * PAGE);
	assert_int_equal(pages.given, 1 + 3 + 4);
	unmap(GIB, PAGE);
	assert_int_equal(pages.given, 1 + 3 + 3);
	// The range has holes.
	unmap(0, 3 * GIB);
	assert_int_equal(pages.given, 1);
	unmap(0, UINT64_C(1) << 39);
	assert_int_equal(pages.given, 1);
}

static void protect_keeps_blocks_and_runs(void **state)
{
	(void)state;
	map(0, 2 * GIB, VMBASE_MAP_DATA);
	map(4 * GIB, 4 * RUN, VMBASE_MAP_DATA);
	protect(0, GIB, VMBASE_MAP_CODE);
	protect(4 * GIB + RUN, 2 * RUN, VMBASE_MAP_RODATA);
	assert_int_equal(leaf_size_at(0), GIB);
	assert_true(is_at(0, 0, VMBASE_MAP_CODE));
	assert_true(is_at(GIB, GIB, VMBASE_MAP_DATA));
	assert_true(is_contiguous_at(4 * GIB + RUN));
	assert_true(is_at(4 * GIB + RUN, 4 * GIB + RUN, VMBASE_MAP_RODATA));
	assert_true(is_at(4 * GIB + 3 * RUN, 4 * GIB + 3 * RUN, VMBASE_MAP_DATA));
	assert_int_equal(pages.given, 3);
}

static void protect_changes_many_blocks_at_once(void **state)
{
	(void)state;
	// Part of a run, a whole run, and part of another; and twelve blocks outside a run.
	map(GIB + 8 * MIB2, 32 * MIB2, VMBASE_MAP_DATA);
	for (uintptr_t address = 2 * GIB; address < 2 * GIB + 12 * MIB2; address += MIB2) {
		map(address, MIB2, VMBASE_MAP_DATA);
	}
	protect(GIB + 8 * MIB2, 32 * MIB2, VMBASE_MAP_RODATA);
	for (uintptr_t address = GIB + 8 * MIB2; address < GIB + 40 * MIB2; address += MIB2) {
		assert_true(is_at(address, address, VMBASE_MAP_RODATA));
		assert_int_equal(leaf_size_at(address), MIB2);
	}
	assert_false(is_contiguous_at(GIB + 15 * MIB2));
	assert_true(is_contiguous_at(GIB + 16 * MIB2));
	protect(2 * GIB, 12 * MIB2, VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(leaf_size_at(2 * GIB + 6 * MIB2), PAGE);
	assert_int_equal(pages.given, 1 + 2 + 12);
}

static void protect_splits_blocks_that_it_changes_partly(void **state)
{
	(void)state;
	map(0, GIB, VMBASE_MAP_DATA);
	protect(16 * MIB2 + 20 * PAGE, 40 * PAGE, VMBASE_MAP_DEVICE);
	assert_true(is_at(16 * MIB2 + 19 * PAGE, 16 * MIB2 + 19 * PAGE, VMBASE_MAP_DATA));
	assert_true(is_at(16 * MIB2 + 20 * PAGE, 16 * MIB2 + 20 * PAGE, VMBASE_MAP_DEVICE));
	assert_true(is_at(16 * MIB2 + 59 * PAGE, 16 * MIB2 + 59 * PAGE, VMBASE_MAP_DEVICE));
	assert_true(is_at(16 * MIB2 + 60 * PAGE, 16 * MIB2 + 60 * PAGE, VMBASE_MAP_DATA));
	assert_int_equal(leaf_size_at(17 * MIB2), MIB2);
	assert_int_equal(pages.given, 3);
	// A block of 1 GiB is split to pages in one step.
	map(GIB, GIB, VMBASE_MAP_DATA);
	protect(GIB, GIB, VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(leaf_size_at(GIB), PAGE);
	assert_int_equal(pages.given, 3 + 513);
	assert_false(is_contiguous_at(2 * GIB - PAGE));
}

static void protect_needs_all_of_the_range_mapped(void **state)
{
	(void)state;
	map(0, 512 * PAGE, VMBASE_MAP_DATA);
	unmap(100 * PAGE, PAGE);
	assert_int_equal(vmbase_page_table_protect(&table, range(0, 512 * PAGE), VMBASE_MAP_CODE),
			 VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_page_table_protect(&table, range(99 * PAGE, 2 * PAGE), VMBASE_MAP_CODE),
			 VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_page_table_protect(&table, range(GIB, GIB), VMBASE_MAP_CODE),
			 VMBASE_ERROR_NOT_FOUND);
	assert_true(is_at(0, 0, VMBASE_MAP_DATA));
	assert_true(is_at(99 * PAGE, 99 * PAGE, VMBASE_MAP_DATA));
}

static void protect_keeps_leaves_that_have_the_kind_already(void **state)
{
	(void)state;
	map(0, GIB, VMBASE_MAP_DATA);
	map(GIB, 20 * PAGE, VMBASE_MAP_DATA_TRACKED);
	protect(MIB2 + PAGE, PAGE, VMBASE_MAP_DATA);
	assert_int_equal(leaf_size_at(MIB2), GIB);
	assert_int_equal(pages.given, 3);
	// A dirty page stays dirty, whether the other pages are dirty or not.
	for (uintptr_t page = GIB; page < GIB + 10 * PAGE; page += PAGE) {
		assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, page), VMBASE_OK);
	}
	protect(GIB, 10 * PAGE, VMBASE_MAP_DATA_TRACKED);
	protect(GIB, 20 * PAGE, VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(descriptor_at(GIB) & PTE_AP_RDONLY, 0);
	assert_int_equal(descriptor_at(GIB + 9 * PAGE) & PTE_AP_RDONLY, 0);
	assert_int_not_equal(descriptor_at(GIB + 10 * PAGE) & PTE_AP_RDONLY, 0);
}

static void fold_makes_blocks_of_full_tables(void **state)
{
	(void)state;
	for (uintptr_t address = 0; address < GIB; address += MIB2 / 2) {
		map(address, MIB2 / 2, VMBASE_MAP_DATA);
	}
	assert_int_equal(pages.given, 1 + 1 + 512);
	assert_int_equal(vmbase_page_table_fold(&table, range(5 * PAGE, PAGE)), VMBASE_OK);
	assert_int_equal(leaf_size_at(0), MIB2);
	assert_int_equal(leaf_size_at(MIB2), PAGE);
	assert_int_equal(vmbase_page_table_fold(&table, range(0, GIB)), VMBASE_OK);
	assert_int_equal(leaf_size_at(0), GIB);
	assert_int_equal(leaf_size_at(GIB - 1), GIB);
	assert_true(is_at(GIB - 1, GIB - 1, VMBASE_MAP_DATA));
	assert_int_equal(pages.given, 1);
}

static void fold_marks_runs(void **state)
{
	(void)state;
	for (uintptr_t address = RUN; address < 3 * RUN; address += PAGE) {
		map(address, PAGE, VMBASE_MAP_CODE);
	}
	for (uintptr_t address = 0; address < 16 * GIB; address += GIB) {
		map(GIB * 16 + address, GIB, VMBASE_MAP_DATA);
	}
	assert_int_equal(vmbase_page_table_fold(&table, range(RUN, PAGE)), VMBASE_OK);
	assert_true(is_contiguous_at(RUN));
	assert_true(is_contiguous_at(2 * RUN - PAGE));
	assert_false(is_contiguous_at(2 * RUN));
	assert_false(is_contiguous_at(16 * GIB));
	assert_int_equal(vmbase_page_table_fold(&table, range(31 * GIB, GIB)), VMBASE_OK);
	assert_true(is_contiguous_at(16 * GIB));
	assert_true(is_contiguous_at(31 * GIB));
}

static void fold_keeps_entries_that_do_not_fit(void **state)
{
	static const enum vmbase_map_kind kinds[] = { VMBASE_MAP_DATA_TRACKED, VMBASE_MAP_DEVICE_LAZY };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		map(0, MIB2, kinds[i]);
		assert_int_equal(vmbase_page_table_fold(&table, range(0, MIB2)), VMBASE_OK);
		assert_int_equal(leaf_size_at(0), PAGE);
		assert_false(is_contiguous_at(0));
		unmap(0, MIB2);
	}
	// One page has another kind, one has another offset, one is missing, and all have a misaligned
	// offset.
	map(0, 4 * MIB2, VMBASE_MAP_DATA);
	protect(7 * PAGE, PAGE, VMBASE_MAP_RODATA);
	unmap(MIB2 + 7 * PAGE, PAGE);
	unmap(2 * MIB2 + 7 * PAGE, PAGE);
	assert_int_equal(vmbase_page_table_map_to(&table, range(MIB2 + 7 * PAGE, PAGE),
						  (struct vmbase_phys){ 0 }, VMBASE_MAP_DATA, 0),
			 VMBASE_OK);
	unmap(3 * MIB2, MIB2);
	assert_int_equal(vmbase_page_table_map_to(&table, range(3 * MIB2, MIB2), (struct vmbase_phys){ PAGE },
						  VMBASE_MAP_DATA, 0),
			 VMBASE_OK);
	assert_int_equal(vmbase_page_table_fold(&table, range(0, GIB)), VMBASE_OK);
	for (uintptr_t address = 0; address < 4 * MIB2; address += MIB2) {
		assert_int_equal(leaf_size_at(address), PAGE);
		assert_false(is_contiguous_at(address));
	}
	assert_true(is_contiguous_at(RUN));
	assert_false(is_contiguous_at(3 * MIB2 + RUN));
	assert_int_equal(destroy(state), 0);
	assert_int_equal(make_39(state), 0);
}

static void translate_returns_address_and_kind(void **state)
{
	struct vmbase_phys phys = { 7 };
	enum vmbase_map_kind kind = VMBASE_MAP_CODE;

	(void)state;
	assert_int_equal(vmbase_page_table_map_to(&table, range(GIB, GIB), (struct vmbase_phys){ 8 * GIB },
						  VMBASE_MAP_DEVICE, 0),
			 VMBASE_OK);
	assert_int_equal(vmbase_page_table_translate(&table, UINT64_C(1) << 39, &phys, &kind),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_page_table_translate(&table, UINTPTR_MAX, &phys, &kind),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_page_table_translate(&table, GIB - 1, &phys, &kind), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(phys.address, 7);
	assert_int_equal(kind, VMBASE_MAP_CODE);
	assert_true(is_at(GIB + 0x123456, 8 * GIB + 0x123456, VMBASE_MAP_DEVICE));
	assert_int_equal(vmbase_page_table_translate(&table, GIB, NULL, NULL), VMBASE_OK);
}

struct visits {
	struct vmbase_mapping mappings[8];
	size_t count;
	size_t stop_after;
};

static enum vmbase_error visit(const struct vmbase_mapping *mapping, void *context)
{
	struct visits *visits = context;

	visits->mappings[visits->count++] = *mapping;
	return visits->count == visits->stop_after ? VMBASE_ERROR_DENIED : VMBASE_OK;
}

static void walk_visits_leaves_in_order(void **state)
{
	struct visits visits = { .count = 0 };

	(void)state;
	map(GIB + MIB2, PAGE, VMBASE_MAP_DATA_TRACKED);
	map(GIB + 2 * MIB2, MIB2, VMBASE_MAP_CODE);
	map(2 * GIB, GIB, VMBASE_MAP_DEVICE);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, GIB + MIB2), VMBASE_OK);
	// The first and the last leaf are partly in the range.
	assert_int_equal(
		vmbase_page_table_walk(&table, (struct vmbase_range){ PAGE, 2 * GIB + PAGE }, visit, &visits),
		VMBASE_OK);
	assert_int_equal(visits.count, 3);
	assert_int_equal(visits.mappings[0].range.begin, GIB + MIB2);
	assert_int_equal(visits.mappings[0].range.end, GIB + MIB2 + PAGE);
	assert_int_equal(visits.mappings[0].kind, VMBASE_MAP_DATA_TRACKED);
	assert_true(visits.mappings[0].is_dirty);
	assert_int_equal(visits.mappings[1].leaf_bytes, MIB2);
	assert_false(visits.mappings[1].is_dirty);
	assert_false(visits.mappings[1].is_contiguous);
	assert_int_equal(visits.mappings[2].phys.address, 2 * GIB);
	assert_int_equal(visits.mappings[2].range.end, 2 * GIB + PAGE);
	assert_int_equal(visits.mappings[2].leaf_bytes, GIB);
	visits.count = 0;
	assert_int_equal(vmbase_page_table_walk(&table, range(2 * GIB + 5 * PAGE, PAGE), visit, &visits),
			 VMBASE_OK);
	assert_int_equal(visits.count, 1);
	assert_int_equal(visits.mappings[0].range.begin, 2 * GIB + 5 * PAGE);
	assert_int_equal(visits.mappings[0].phys.address, 2 * GIB + 5 * PAGE);
}

static void walk_stops_at_an_error(void **state)
{
	struct visits visits = { .stop_after = 2 };

	(void)state;
	map(0, 5 * PAGE, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_walk(&table, range(0, GIB), visit, &visits), VMBASE_ERROR_DENIED);
	assert_int_equal(visits.count, 2);
}

static void lazy_page_becomes_a_device(void **state)
{
	(void)state;
	assert_int_equal(vmbase_page_table_map_to(&table, range(GIB, 3 * PAGE),
						  (struct vmbase_phys){ 7 * PAGE }, VMBASE_MAP_DEVICE_LAZY, 0),
			 VMBASE_OK);
	map(2 * GIB, GIB, VMBASE_MAP_DATA);
	assert_int_equal(descriptor_at(GIB + PAGE) & PTE_VALID, 0);
	assert_int_equal(vmbase_page_table_resolve_lazy(&table, GIB + PAGE + 17), VMBASE_OK);
	assert_int_equal(descriptor_at(GIB + PAGE), UINT64_C(0x0060000000000c03) | 8 * PAGE);
	assert_true(is_at(GIB + PAGE, 8 * PAGE, VMBASE_MAP_DEVICE));
	assert_true(is_at(GIB, 7 * PAGE, VMBASE_MAP_DEVICE_LAZY));
	assert_int_equal(vmbase_page_table_resolve_lazy(&table, GIB + PAGE), VMBASE_OK);
	assert_int_equal(vmbase_page_table_resolve_lazy(&table, GIB - 1), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_page_table_resolve_lazy(&table, 2 * GIB), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_page_table_resolve_lazy(&table, UINT64_C(1) << 39), VMBASE_ERROR_OUT_OF_RANGE);
	// And back to lazy.
	protect(GIB, 3 * PAGE, VMBASE_MAP_DEVICE_LAZY);
	assert_int_equal(descriptor_at(GIB + PAGE) & PTE_VALID, 0);
	assert_true(is_at(GIB + PAGE, 8 * PAGE, VMBASE_MAP_DEVICE_LAZY));
}

static void pages_stay_dirty_until_they_are_flushed(void **state)
{
	(void)state;
	map(0, 4 * PAGE, VMBASE_MAP_DATA_TRACKED);
	map(4 * PAGE, PAGE, VMBASE_MAP_DATA);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, PAGE + 9), VMBASE_OK);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, 3 * PAGE), VMBASE_OK);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, 3 * PAGE), VMBASE_OK);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, 4 * PAGE), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, 5 * PAGE), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_page_table_handle_dirty_fault(&table, UINTPTR_MAX), VMBASE_ERROR_OUT_OF_RANGE);
	// Sets the bits as the CPU does for a dirty page.
	int level;
	*vmb_find(&table, 0, &level) &= ~PTE_AP_RDONLY;

	assert_int_equal(vmbase_page_table_flush_dirty(&table, range(PAGE, 4 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 2 * PAGE);
	assert_int_equal(fake_cpu.last_cleaned.begin, 3 * PAGE);
	assert_int_equal(vmbase_page_table_flush_dirty(&table, range(0, 5 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 3 * PAGE);
	assert_int_equal(vmbase_page_table_flush_dirty(&table, range(0, 5 * PAGE)), VMBASE_OK);
	assert_int_equal(fake_cpu.clean_bytes, 3 * PAGE);
	assert_int_equal(fake_cpu.invalidations, 0);
}

#define ON_39(test) cmocka_unit_test_setup_teardown(test, make_39, destroy)
#define ON_48(test) cmocka_unit_test_setup_teardown(test, make_48, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_refuses_invalid_arguments),
		cmocka_unit_test(init_makes_tables_of_all_sizes),
		cmocka_unit_test(ttbr0_has_the_physical_root_and_the_asid),
		ON_39(each_kind_has_its_descriptor),
		ON_39(invalid_ranges_are_refused),
		ON_39(invalid_physical_ranges_are_refused),
		ON_39(unknown_kinds_and_flags_are_refused),
		ON_39(map_uses_the_largest_blocks_that_fit),
		ON_39(blocks_are_aligned_on_both_sides),
		ON_48(level_0_has_no_blocks),
		ON_39(runs_of_sixteen_are_contiguous),
		ON_39(pages_only_flag_maps_pages_without_runs),
		ON_39(tracked_and_lazy_memory_is_mapped_in_pages),
		ON_39(refused_overlap_leaves_the_table_unchanged),
		ON_39(failed_allocation_leaves_the_table_unchanged),
		ON_39(unmap_splits_blocks_and_runs),
		ON_39(unmap_frees_empty_tables),
		ON_39(protect_keeps_blocks_and_runs),
		ON_39(protect_changes_many_blocks_at_once),
		ON_39(protect_splits_blocks_that_it_changes_partly),
		ON_39(protect_needs_all_of_the_range_mapped),
		ON_39(protect_keeps_leaves_that_have_the_kind_already),
		ON_39(fold_makes_blocks_of_full_tables),
		ON_39(fold_marks_runs),
		ON_39(fold_keeps_entries_that_do_not_fit),
		ON_39(translate_returns_address_and_kind),
		ON_39(walk_visits_leaves_in_order),
		ON_39(walk_stops_at_an_error),
		ON_39(lazy_page_becomes_a_device),
		ON_39(pages_stay_dirty_until_they_are_flushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
