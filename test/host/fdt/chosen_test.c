// SPDX-License-Identifier: Apache-2.0

// /chosen.

#include "fdt_fixture.h"

#include <libfdt.h>

#include <string.h>

static void an_initrd_has_a_beginning_before_its_end(void **state)
{
	struct vmbase_range initrd = { 77, 78 };

	(void)state;
	assert_int_equal(vmbase_fdt_initrd(&fdt, &initrd), VMBASE_ERROR_OUT_OF_RANGE);
	for (size_t size = 0; size <= 12; size++) {
		if (size == 4 || size == 8) {
			continue;
		}
		blob_begin(&blob);
		blob_node(&blob, "");
		blob_node(&blob, "chosen");
		blob_property(&blob, "linux,initrd-start", "\0\0\0\0\0\0\0\0\0\0\0", size);
		blob_property(&blob, "bootargs", "abc", size % 4);
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		open_blob();
		const char *bootargs;

		assert_int_equal(vmbase_fdt_initrd(&fdt, &initrd), VMBASE_ERROR_CORRUPT);
		assert_int_equal(vmbase_fdt_bootargs(&fdt, &bootargs), VMBASE_ERROR_CORRUPT);
	}
	assert_range(initrd, 77, 78);
}

static void a_tree_may_have_no_chosen_node(void **state)
{
	struct vmbase_range initrd;
	const char *bootargs;
	const void *seed;
	size_t size;
	unsigned char *place;

	(void)state;
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	place = blob_place(&blob, blob.size);
	assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
	assert_int_equal(vmbase_fdt_bootargs(&fdt, &bootargs), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_initrd(&fdt, &initrd), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_wipe_rng_seed(&fdt, place), VMBASE_ERROR_NOT_FOUND);
}

static void wiping_removes_the_seed_only(void **state)
{
	static struct blob before;
	unsigned char *place;
	const void *seed;
	size_t size;
	size_t changed = 0;

	(void)state;
	for (size_t bytes = 0; bytes < 9; bytes++) {
		blob_begin(&blob);
		blob_node(&blob, "");
		blob_node(&blob, "chosen");
		blob_property(&blob, "bootargs", "a", 2);
		blob_property(&blob, "rng-seed", "12345678", bytes);
		blob_property(&blob, "stdout-path", "/", 2);
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		place = blob_place(&blob, blob.size);
		assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
		memcpy(before.bytes, place, blob.size);
		assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_OK);
		assert_int_equal(size, bytes);
		const size_t offset = (size_t)((const unsigned char *)seed - place);

		assert_int_equal(vmbase_fdt_wipe_rng_seed(&fdt, place), VMBASE_OK);
		assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_ERROR_NOT_FOUND);
		assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
		for (size_t i = 0; i < blob.size; i++) {
			if (i < offset - 12 || i >= offset + (bytes + 3) / 4 * 4) {
				assert_int_equal(place[i], before.bytes[i]);
			} else {
				assert_int_equal(place[i], i % 4 == 3 ? FDT_NOP : 0);
				changed++;
			}
		}
		struct vmbase_fdt_node chosen = find_node("/chosen");

		assert_non_null(vmbase_fdt_property(&fdt, &chosen, "bootargs", &size));
		assert_non_null(vmbase_fdt_property(&fdt, &chosen, "stdout-path", &size));
	}
	assert_true(changed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_initrd_has_a_beginning_before_its_end, open_board),
		cmocka_unit_test(a_tree_may_have_no_chosen_node),
		cmocka_unit_test(wiping_removes_the_seed_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
