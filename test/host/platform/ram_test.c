// SPDX-License-Identifier: Apache-2.0

// vmbase_ram_next_free() of the platform `generic`: free RAM of the tree, without the ranges in use that the
// tree does not list.

#include "../../../src/platform/generic/generic.h"

#include <vmbase/ram.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PAGE UINT64_C(0x1000)
#define RAM UINT64_C(0x40000000)

struct vmb_generic vmb_generic;

static struct vmbase_range image, initrd;
static struct vmbase_range free_of_tree[4];
static size_t free_count;
static enum vmbase_error last_error;

struct vmbase_range vmb_image_range(void)
{
	return image;
}

enum vmbase_error vmbase_fdt_initrd(const struct vmbase_fdt *fdt, struct vmbase_range *range)
{
	assert_ptr_equal(fdt, &vmb_generic.tree);
	if (initrd.begin == initrd.end) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	*range = initrd;
	return VMBASE_OK;
}

enum vmbase_error vmbase_fdt_free_memory(const struct vmbase_fdt *fdt, uintptr_t address,
					 struct vmbase_range *range)
{
	assert_ptr_equal(fdt, &vmb_generic.tree);
	for (size_t i = 0; i < free_count; i++) {
		if (free_of_tree[i].end > address) {
			range->begin = free_of_tree[i].begin > address ? free_of_tree[i].begin : address;
			range->end = free_of_tree[i].end;
			return VMBASE_OK;
		}
	}
	return last_error;
}

enum vmbase_error vmbase_fdt_memory(const struct vmbase_fdt *fdt, uintptr_t address, struct vmbase_range *range)
{
	assert_ptr_equal(fdt, &vmb_generic.tree);
	*range = (struct vmbase_range){ address, RAM };
	return last_error;
}

enum vmbase_error vmbase_fdt_check_memory(const struct vmbase_fdt *fdt)
{
	assert_ptr_equal(fdt, &vmb_generic.tree);
	return last_error;
}

static struct vmbase_range range(uintptr_t begin, uint64_t size_bytes)
{
	return (struct vmbase_range){ begin, begin + size_bytes };
}

static int set_up(void **state)
{
	(void)state;
	vmb_generic.has_tree = true;
	vmb_generic.tree_range = range(RAM + 2 * PAGE, PAGE);
	image = range(RAM + 8 * PAGE, 4 * PAGE);
	initrd = (struct vmbase_range){ 0, 0 };
	free_of_tree[0] = range(RAM, 64 * PAGE);
	free_count = 1;
	last_error = VMBASE_ERROR_NOT_FOUND;
	return 0;
}

// Asserts that the free ranges, from the lowest address, are exactly these. Units are pages from the
// beginning of RAM.
static void assert_free(size_t count, const struct vmbase_range expected[])
{
	struct vmbase_range found = { 0, 0 };

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(vmbase_ram_next_free(found.end, &found), VMBASE_OK);
		assert_int_equal(found.begin, RAM + expected[i].begin * PAGE);
		assert_int_equal(found.end, RAM + expected[i].end * PAGE);
	}
	assert_int_equal(vmbase_ram_next_free(found.end, &found), last_error);
}

static void image_and_tree_are_not_free(void **state)
{
	(void)state;
	assert_free(3, (struct vmbase_range[]){ { 0, 2 }, { 3, 8 }, { 12, 64 } });
}

// An initial RAM disk of { 0, 0 } means that there is no disk.
static void ram_may_begin_at_address_0(void **state)
{
	struct vmbase_range found = { 77, 78 };

	(void)state;
	free_of_tree[0] = range(0, 8 * PAGE);
	assert_int_equal(vmbase_ram_next_free(0, &found), VMBASE_OK);
	assert_int_equal(found.begin, 0);
	assert_int_equal(found.end, 8 * PAGE);
	initrd = range(0, PAGE);
	assert_int_equal(vmbase_ram_next_free(0, &found), VMBASE_OK);
	assert_int_equal(found.begin, PAGE);
	assert_int_equal(found.end, 8 * PAGE);
	initrd = range(0, 0);
	vmb_generic.tree_range = range(0, 0x800);
	assert_int_equal(vmbase_ram_next_free(0, &found), VMBASE_OK);
	assert_int_equal(found.begin, PAGE);
}

static void ram_and_errors_come_from_the_tree(void **state)
{
	struct vmbase_range found = { 77, 78 };

	(void)state;
	last_error = VMBASE_OK;
	assert_int_equal(vmbase_ram_next(5, &found), VMBASE_OK);
	assert_int_equal(found.begin, 5);
	assert_int_equal(found.end, RAM);
	assert_int_equal(vmbase_ram_check(), VMBASE_OK);
	last_error = VMBASE_ERROR_CORRUPT;
	assert_int_equal(vmbase_ram_next(5, &found), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_ram_check(), VMBASE_ERROR_CORRUPT);
	vmb_generic.has_tree = false;
	assert_int_equal(vmbase_ram_next(5, &found), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_ram_check(), VMBASE_ERROR_NOT_FOUND);
}

static void the_initial_ram_disk_is_not_free(void **state)
{
	(void)state;
	initrd = range(RAM + 32 * PAGE, 10 * PAGE + 5);
	assert_free(4, (struct vmbase_range[]){ { 0, 2 }, { 3, 8 }, { 12, 32 }, { 43, 64 } });
}

static void used_ranges_may_touch_in_any_order(void **state)
{
	(void)state;
	initrd = range(RAM, 2 * PAGE);
	vmb_generic.tree_range = range(RAM + 2 * PAGE, PAGE);
	image = range(RAM + 3 * PAGE, PAGE);
	assert_free(1, (struct vmbase_range[]){ { 4, 64 } });
	image = range(RAM, 2 * PAGE);
	initrd = range(RAM + 3 * PAGE, PAGE);
	assert_free(1, (struct vmbase_range[]){ { 4, 64 } });
}

static void free_ram_is_whole_pages(void **state)
{
	(void)state;
	free_of_tree[0] = range(RAM + 20 * PAGE + 1, 4 * PAGE);
	assert_free(1, (struct vmbase_range[]){ { 21, 24 } });
	vmb_generic.tree_range = range(RAM + 22 * PAGE + 8, 16);
	assert_free(2, (struct vmbase_range[]){ { 21, 22 }, { 23, 24 } });
	free_of_tree[0] = range(RAM + 30 * PAGE + 1, PAGE);
	assert_free(0, NULL);
}

static void free_ram_is_whole_pages_at_the_highest_address(void **state)
{
	struct vmbase_range found = { 77, 78 };

	(void)state;
	free_of_tree[0] = (struct vmbase_range){ UINTPTR_MAX - 0xffe, UINTPTR_MAX };
	assert_int_equal(vmbase_ram_next_free(0, &found), VMBASE_ERROR_NOT_FOUND);
	free_of_tree[0].begin -= PAGE;
	assert_int_equal(vmbase_ram_next_free(0, &found), VMBASE_ERROR_NOT_FOUND);
	free_of_tree[0].begin--;
	assert_int_equal(vmbase_ram_next_free(0, &found), VMBASE_OK);
	assert_int_equal(found.begin, UINTPTR_MAX - 2 * PAGE + 1);
	assert_int_equal(found.end, UINTPTR_MAX - PAGE + 1);
}

static void ranges_in_use_are_skipped(void **state)
{
	(void)state;
	free_of_tree[0] = image;
	free_of_tree[1] = vmb_generic.tree_range = range(RAM + 20 * PAGE, PAGE);
	free_of_tree[2] = range(RAM + 30 * PAGE, PAGE);
	free_count = 3;
	assert_free(1, (struct vmbase_range[]){ { 30, 31 } });
}

static void a_search_continues_from_any_address(void **state)
{
	struct vmbase_range found;

	(void)state;
	assert_int_equal(vmbase_ram_next_free(RAM + 4 * PAGE + 1, &found), VMBASE_OK);
	assert_int_equal(found.begin, RAM + 5 * PAGE);
	assert_int_equal(vmbase_ram_next_free(UINTPTR_MAX, &found), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(found.begin, RAM + 5 * PAGE);
}

static void errors_of_the_tree_are_returned(void **state)
{
	(void)state;
	last_error = VMBASE_ERROR_CORRUPT;
	assert_free(3, (struct vmbase_range[]){ { 0, 2 }, { 3, 8 }, { 12, 64 } });
}

static void without_a_tree_there_is_no_ram(void **state)
{
	(void)state;
	vmb_generic.has_tree = false;
	assert_free(0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(image_and_tree_are_not_free, set_up),
		cmocka_unit_test_setup(ram_may_begin_at_address_0, set_up),
		cmocka_unit_test_setup(ram_and_errors_come_from_the_tree, set_up),
		cmocka_unit_test_setup(the_initial_ram_disk_is_not_free, set_up),
		cmocka_unit_test_setup(used_ranges_may_touch_in_any_order, set_up),
		cmocka_unit_test_setup(free_ram_is_whole_pages, set_up),
		cmocka_unit_test_setup(free_ram_is_whole_pages_at_the_highest_address, set_up),
		cmocka_unit_test_setup(ranges_in_use_are_skipped, set_up),
		cmocka_unit_test_setup(a_search_continues_from_any_address, set_up),
		cmocka_unit_test_setup(errors_of_the_tree_are_returned, set_up),
		cmocka_unit_test_setup(without_a_tree_there_is_no_ram, set_up),
	};

	return cmocka_run_group_tests_name("ram", tests, NULL, NULL);
}
