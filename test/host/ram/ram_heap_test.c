// SPDX-License-Identifier: Apache-2.0

// vmbase_ram_give_to_heap(): RAM that is free or in use, and a heap that accepts or refuses it.

#include "../support/tracker_fake.h"

#include <vmbase/heap.h>
#include <vmbase/ram.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define GIB UINT64_C(0x40000000)
#define PIECES_MAX 20

// The free RAM of the machine, in order, and the error after the last range.
static struct vmbase_range free_ram[4];
static size_t free_count;
static enum vmbase_error last_error;
static struct vmbase_range all_ram[20];
static size_t ram_count;

// The ranges that the heap was given, each of which was already mapped, and the number of ranges that it
// accepts.
static struct vmbase_range pieces[PIECES_MAX];
static size_t piece_count;
static size_t piece_limit;

enum vmbase_error vmbase_ram_next_free(uintptr_t address, struct vmbase_range *found)
{
	for (size_t i = 0; i < free_count; i++) {
		if (free_ram[i].begin >= address) {
			*found = free_ram[i];
			return VMBASE_OK;
		}
	}
	return last_error;
}

enum vmbase_error vmbase_ram_next(uintptr_t address, struct vmbase_range *found)
{
	for (size_t i = 0; i < ram_count; i++) {
		if (all_ram[i].begin >= address) {
			*found = all_ram[i];
			return VMBASE_OK;
		}
	}
	return VMBASE_ERROR_NOT_FOUND;
}

enum vmbase_error vmbase_heap_add(struct vmbase_range piece)
{
	assert_int_equal(fake_kind_at(piece.begin), VMBASE_MAP_DATA);
	assert_int_equal(fake_kind_at(piece.end - 1), VMBASE_MAP_DATA);
	if (piece_count == piece_limit) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	pieces[piece_count++] = piece;
	return VMBASE_OK;
}

static int set_up(void **state)
{
	(void)fake_set_up(state);
	free_count = 0;
	last_error = VMBASE_ERROR_NOT_FOUND;
	piece_count = 0;
	piece_limit = PIECES_MAX;
	all_ram[0] = range(RAM, RAM_END - RAM);
	ram_count = 1;
	return vmbase_tracker_start(range(RAM, 64 * GIB), &fake_table_pages) != VMBASE_OK;
}

// Stops the tracker, for tests that use the library's own pages for tables. These pages are anywhere in this
// program.
static void stop_tracker(void)
{
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	fake_machine.noinit = (struct vmbase_range){ ALL_ADDRESSES, UINTPTR_MAX };
}

static void add_free(uintptr_t begin, uint64_t size_bytes)
{
	free_ram[free_count++] = range(begin, size_bytes);
}

static void assert_piece(size_t index, uintptr_t begin, uint64_t size_bytes)
{
	assert_true(index < piece_count);
	assert_int_equal(pieces[index].begin, begin);
	assert_int_equal(pieces[index].end, begin + size_bytes);
}

static void all_free_ram_becomes_heap(void **state)
{
	(void)state;
	add_free(FREE_RAM, 5 * PAGE);
	add_free(FREE_RAM + MIB2, 3 * MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(piece_count, 2);
	assert_piece(0, FREE_RAM, 5 * PAGE);
	assert_piece(1, FREE_RAM + MIB2, 3 * MIB2);
}

static void mapped_ram_stays_unchanged(void **state)
{
	(void)state;
	assert_int_equal(vmbase_tracker_map(range(FREE_RAM, 2 * PAGE), VMBASE_TRACKER_DATA), VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(FREE_RAM + 4 * PAGE, PAGE), VMBASE_TRACKER_RODATA),
			 VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(FREE_RAM + 7 * PAGE, MIB2), VMBASE_TRACKER_DATA_NOFLUSH),
			 VMBASE_OK);
	add_free(FREE_RAM, 2 * MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(piece_count, 3);
	assert_piece(0, FREE_RAM + 2 * PAGE, 2 * PAGE);
	assert_piece(1, FREE_RAM + 5 * PAGE, 2 * PAGE);
	assert_piece(2, FREE_RAM + 7 * PAGE + MIB2, MIB2 - 7 * PAGE);
	assert_int_equal(fake_kind_at(FREE_RAM), VMBASE_MAP_DATA_TRACKED);
	assert_int_equal(fake_kind_at(FREE_RAM + 4 * PAGE), VMBASE_MAP_RODATA);
}

static void only_ram_of_the_tracker_becomes_heap(void **state)
{
	(void)state;
	assert_int_equal(vmbase_tracker_shrink_ram(range(RAM, RAM_END - RAM)), VMBASE_OK);
	add_free(RAM - 2 * MIB2, MIB2);
	add_free(RAM_END - MIB2, 2 * MIB2);
	add_free(RAM_END + 2 * MIB2, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(piece_count, 1);
	assert_piece(0, RAM_END - MIB2, MIB2);
}

static void large_ram_is_given_in_several_ranges(void **state)
{
	(void)state;
	add_free(RAM_END, 5 * GIB);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(piece_count, 3);
	assert_piece(0, RAM_END, 2 * GIB - MIB2);
	assert_piece(1, pieces[0].end, 2 * GIB - MIB2);
	assert_piece(2, pieces[1].end, GIB + 2 * MIB2);
}

static void ram_that_the_heap_refuses_is_unmapped(void **state)
{
	(void)state;
	piece_limit = 1;
	add_free(FREE_RAM, MIB2);
	add_free(FREE_RAM + 2 * MIB2, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(piece_count, 1);
	assert_piece(0, FREE_RAM, MIB2);
	assert_int_equal(fake_kind_at(FREE_RAM), VMBASE_MAP_DATA);
	assert_int_equal(fake_kind_at(FREE_RAM + 2 * MIB2), 0);
}

static void shortage_of_tables_is_an_error(void **state)
{
	(void)state;
	fake_machine.table_limit = fake_machine.tables_given + 1;
	add_free(FREE_RAM, PAGE);
	add_free(FREE_RAM + MIB2, PAGE);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(piece_count, 1);
}

static void without_free_ram_is_not_found(void **state)
{
	(void)state;
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NOT_FOUND);
	add_free(FREE_RAM, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(piece_count, 1);
}

static void a_corrupt_tree_is_an_error(void **state)
{
	(void)state;
	last_error = VMBASE_ERROR_CORRUPT;
	add_free(FREE_RAM, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_CORRUPT);
	assert_piece(0, FREE_RAM, MIB2);
}

static void without_known_ram_is_not_found(void **state)
{
	(void)state;
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
	ram_count = 0;
	add_free(FREE_RAM, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NOT_FOUND);
	// A part of a page is not usable.
	ram_count = 1;
	all_ram[0] = range(RAM + 1, PAGE);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NOT_FOUND);
	all_ram[0] = range(ALL_ADDRESSES, GIB);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NOT_FOUND);
	all_ram[0] = range(UINTPTR_MAX - PAGE + 2, PAGE - 2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NOT_FOUND);
	assert_null(vmbase_tracker_table());
	assert_int_equal(piece_count, 0);
}

static void ram_in_several_ranges_is_given(void **state)
{
	(void)state;
	stop_tracker();
	all_ram[0] = range(0, 3 * PAGE);
	all_ram[1] = range(RAM, RAM_END - RAM);
	all_ram[2] = range(4 * GIB + 1, GIB);
	ram_count = 3;
	add_free(0, 3 * PAGE);
	add_free(FREE_RAM, 2 * MIB2);
	add_free(4 * GIB + PAGE, GIB - 2 * PAGE);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(piece_count, 3);
	// Page 0 is not given.
	assert_piece(0, PAGE, 2 * PAGE);
	assert_int_equal(fake_kind_at(0), 0);
	assert_piece(1, FREE_RAM, 2 * MIB2);
	assert_piece(2, 4 * GIB + PAGE, GIB - 2 * PAGE);
	// RAM that is not free is still RAM.
	assert_int_equal(vmbase_tracker_map(range(RAM, PAGE), VMBASE_TRACKER_RODATA), VMBASE_OK);
	assert_int_equal(vmbase_tracker_map(range(RAM_END, PAGE), VMBASE_TRACKER_DATA),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
}

// Memory from malloc() may be shared.
static void sharing_accepts_the_first_range(void **state)
{
	(void)state;
	stop_tracker();
	fake_machine.shared_ram = range(0, 0);
	add_free(FREE_RAM, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_OK);
	assert_int_equal(fake_machine.shared_ram.begin, all_ram[0].begin);
	assert_int_equal(fake_machine.shared_ram.end, all_ram[0].end);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
}

static void invalid_range_does_not_stop_the_others(void **state)
{
	(void)state;
	stop_tracker();
	all_ram[0] = range(CONSOLE, PAGE);
	all_ram[1] = range(RAM, RAM_END - RAM);
	all_ram[2] = range(4 * GIB, GIB);
	ram_count = 3;
	add_free(CONSOLE, PAGE);
	add_free(FREE_RAM, MIB2);
	add_free(4 * GIB, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(piece_count, 2);
	assert_piece(0, FREE_RAM, MIB2);
	assert_piece(1, 4 * GIB, MIB2);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
}

static void too_many_ranges_are_an_error(void **state)
{
	(void)state;
	stop_tracker();
	all_ram[0] = range(RAM_END, GIB);
	for (ram_count = 1; ram_count <= VMBASE_TRACKER_RAM_RANGES; ram_count++) {
		all_ram[ram_count] = range(2 * RAM_END + ram_count * MIB2, PAGE);
	}
	add_free(RAM_END, MIB2);
	assert_int_equal(vmbase_ram_give_to_heap(), VMBASE_ERROR_NO_MEMORY);
	assert_piece(0, RAM_END, MIB2);
	assert_int_equal(vmbase_tracker_stop(), VMBASE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_free_ram_becomes_heap, set_up),
		cmocka_unit_test_setup(mapped_ram_stays_unchanged, set_up),
		cmocka_unit_test_setup(only_ram_of_the_tracker_becomes_heap, set_up),
		cmocka_unit_test_setup(large_ram_is_given_in_several_ranges, set_up),
		cmocka_unit_test_setup(ram_that_the_heap_refuses_is_unmapped, set_up),
		cmocka_unit_test_setup(shortage_of_tables_is_an_error, set_up),
		cmocka_unit_test_setup(without_free_ram_is_not_found, set_up),
		cmocka_unit_test_setup(a_corrupt_tree_is_an_error, set_up),
		cmocka_unit_test_setup(without_known_ram_is_not_found, set_up),
		cmocka_unit_test_setup(ram_in_several_ranges_is_given, set_up),
		cmocka_unit_test_setup(sharing_accepts_the_first_range, set_up),
		cmocka_unit_test_setup(invalid_range_does_not_stop_the_others, set_up),
		cmocka_unit_test_setup(too_many_ranges_are_an_error, set_up),
	};

	return cmocka_run_group_tests_name("ram_heap", tests, NULL, NULL);
}
