// SPDX-License-Identifier: Apache-2.0

// vmbase_fdt_open() refuses invalid trees, and never reads outside of the blob.

#include "blobs.h"
#include "../support/random.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct blob blob;

static const char *const machines[] = {
	"board", "cloud_hypervisor", "crosvm", "firecracker", "kvmtool", "libkrun", "seen-libkrun",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// Opens the first `size` bytes of `blob`.
static enum vmbase_error open_part(struct vmbase_fdt *fdt, size_t size)
{
	return vmbase_fdt_open(fdt, blob_place(&blob, size), size);
}

static void assert_refused(enum vmbase_error expected)
{
	struct vmbase_fdt fdt;
	struct vmbase_fdt untouched;

	memset(&fdt, 0xa5, sizeof(fdt));
	untouched = fdt;
	assert_int_equal(open_part(&fdt, blob.size), expected);
	assert_memory_equal(&fdt, &untouched, sizeof(fdt));
}

static void assert_opens(void)
{
	struct vmbase_fdt fdt;

	assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
	assert_int_equal(vmbase_fdt_size_bytes(&fdt), blob.size);
	fdt_visit(&fdt);
}

static void begin_root(void)
{
	blob_begin(&blob);
	blob_node(&blob, "");
}

static void end_root(void)
{
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
}

static void a_missing_tree_is_not_found(void **state)
{
	struct vmbase_fdt fdt;

	(void)state;
	assert_int_equal(vmbase_fdt_open(&fdt, NULL, 4096), VMBASE_ERROR_NOT_FOUND);
	memset(blob.bytes, 0, 64);
	blob.size = 64;
	assert_refused(VMBASE_ERROR_NOT_FOUND);
}

static void an_unaligned_tree_is_refused(void **state)
{
	struct vmbase_fdt fdt;

	(void)state;
	begin_root();
	end_root();
	for (size_t offset = 1; offset < 8; offset++) {
		memmove(blob.bytes + offset, blob.bytes + offset - 1, blob.size);
		assert_int_equal(
			vmbase_fdt_open(&fdt, blob_place(&blob, blob.size + offset) + offset, blob.size),
			VMBASE_ERROR_UNALIGNED);
	}
}

static void the_smallest_tree_opens(void **state)
{
	(void)state;
	begin_root();
	end_root();
	assert_opens();
}

static void unknown_version_is_refused(void **state)
{
	(void)state;
	begin_root();
	end_root();
	fdt_set_version(blob.bytes, 15);
	assert_refused(VMBASE_ERROR_UNSUPPORTED);
	// Version 16 has no size of the structure block.
	fdt_set_version(blob.bytes, 16);
	fdt_set_size_dt_struct(blob.bytes, UINT32_MAX);
	assert_opens();
	fdt_set_size_dt_struct(blob.bytes, (uint32_t)blob.size - fdt_off_dt_struct(blob.bytes));
	fdt_set_version(blob.bytes, 18);
	fdt_set_last_comp_version(blob.bytes, 18);
	assert_refused(VMBASE_ERROR_UNSUPPORTED);
	// A later version that can be read as version 17.
	fdt_set_last_comp_version(blob.bytes, 17);
	assert_opens();
}

static void blocks_must_be_inside_the_tree(void **state)
{
	(void)state;
	begin_root();
	end_root();
	const uint32_t size = (uint32_t)blob.size;

	fdt_set_totalsize(blob.bytes, size + 1);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_totalsize(blob.bytes, UINT32_MAX);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_totalsize(blob.bytes, 39);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_totalsize(blob.bytes, size);
	fdt_set_size_dt_struct(blob.bytes, size);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_size_dt_struct(blob.bytes, UINT32_MAX);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_size_dt_struct(blob.bytes, size - fdt_off_dt_struct(blob.bytes));
	assert_opens();
	fdt_set_off_dt_strings(blob.bytes, size + 4);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_off_dt_strings(blob.bytes, 0);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_off_dt_strings(blob.bytes, size);
	fdt_set_off_mem_rsvmap(blob.bytes, size);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
	fdt_set_off_mem_rsvmap(blob.bytes, 40);
	fdt_set_off_dt_struct(blob.bytes, fdt_off_dt_struct(blob.bytes) - 1);
	assert_refused(VMBASE_ERROR_UNALIGNED);
}

static void reservations_without_an_end_are_refused(void **state)
{
	(void)state;
	begin_root();
	end_root();
	// Without an end of the list, the bytes up to the tree's end are read as entries.
	memset(blob.bytes + 40, 1, 16);
	assert_refused(VMBASE_ERROR_OUT_OF_RANGE);
}

static size_t count_nodes(void)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;
	struct vmbase_fdt fdt;
	size_t count = 1;

	assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
	while (vmbase_fdt_next_node(&fdt, &node)) {
		assert_true(node.depth < VMBASE_FDT_DEPTH);
		count++;
	}
	return count;
}

static void nodes_deeper_than_the_limit_are_skipped(void **state)
{
	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		begin_root();
		for (int i = 1; i < VMBASE_FDT_DEPTH + extra; i++) {
			blob_node(&blob, "n");
		}
		for (int i = 2; i < VMBASE_FDT_DEPTH + extra; i++) {
			blob_tag(&blob, FDT_END_NODE);
		}
		// The tree continues after the deep nodes.
		blob_tag(&blob, FDT_END_NODE);
		blob_node(&blob, "last");
		blob_tag(&blob, FDT_END_NODE);
		end_root();
		assert_opens();
		assert_int_equal(count_nodes(), VMBASE_FDT_DEPTH + 1);
	}
	// Very deep trees, without and with an end.
	for (int ends = 0; ends < 2; ends++) {
		size_t count = 0;

		begin_root();
		while (blob.size < BLOB_BYTES_MAX / 2) {
			blob_node(&blob, "");
			count++;
		}
		for (size_t i = 0; ends == 1 && i <= count; i++) {
			blob_tag(&blob, FDT_END_NODE);
		}
		blob_end(&blob);
		if (ends == 0) {
			assert_refused(VMBASE_ERROR_CORRUPT);
		} else {
			struct vmbase_fdt fdt;

			assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
			assert_int_equal(count_nodes(), VMBASE_FDT_DEPTH);
		}
	}
}

static void tags_out_of_order_are_refused(void **state)
{
	(void)state;
	// The root must exist and be the first node.
	blob_begin(&blob);
	blob_end(&blob);
	assert_refused(VMBASE_ERROR_CORRUPT);
	blob_begin(&blob);
	blob_tag(&blob, FDT_NOP);
	blob_node(&blob, "");
	end_root();
	assert_refused(VMBASE_ERROR_CORRUPT);
	blob_begin(&blob);
	blob_property(&blob, "p", "", 1);
	end_root();
	assert_refused(VMBASE_ERROR_CORRUPT);

	// Each node must end.
	begin_root();
	blob_end(&blob);
	assert_refused(VMBASE_ERROR_CORRUPT);
	begin_root();
	blob_node(&blob, "n");
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	assert_refused(VMBASE_ERROR_CORRUPT);

	// Other tags are invalid.
	for (uint32_t tag = 5; tag < 12; tag++) {
		if (tag != FDT_END) {
			begin_root();
			blob_tag(&blob, tag);
			end_root();
			assert_refused(VMBASE_ERROR_CORRUPT);
		}
	}

	// FDT_NOP may be anywhere else.
	begin_root();
	blob_tag(&blob, FDT_NOP);
	blob_property(&blob, "p", "", 1);
	blob_tag(&blob, FDT_NOP);
	blob_node(&blob, "n");
	blob_tag(&blob, FDT_NOP);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_NOP);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_NOP);
	blob_end(&blob);
	assert_opens();
}

// Linux and U-Boot accept these trees.
static void unusual_trees_that_linux_reads_are_accepted(void **state)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;
	struct vmbase_fdt fdt;
	size_t size;

	(void)state;
	// The root has a name (libkrun).
	blob_begin(&blob);
	blob_node(&blob, "root");
	blob_node(&blob, "n");
	blob_tag(&blob, FDT_END_NODE);
	end_root();
	assert_opens();
	assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
	assert_string_equal(vmbase_fdt_node_name(&fdt, &node), "root");
	assert_int_equal(vmbase_fdt_find(&fdt, "/n", &node), VMBASE_OK);

	// A property after a child node is ignored. So is a property whose name is outside the strings block.
	begin_root();
	blob_property(&blob, "a", "", 1);
	const size_t nameless = blob.size - 8;

	blob_property(&blob, "p", "q", 2);
	blob_node(&blob, "n");
	blob_tag(&blob, FDT_END_NODE);
	blob_property(&blob, "q", "", 1);
	blob_node(&blob, "o");
	blob_tag(&blob, FDT_END_NODE);
	end_root();
	fdt32_st(blob.bytes + nameless, UINT32_MAX);
	assert_opens();
	assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
	node = (struct vmbase_fdt_node)VMBASE_FDT_ROOT;
	assert_non_null(vmbase_fdt_property(&fdt, &node, "p", &size));
	assert_null(vmbase_fdt_property(&fdt, &node, "q", &size));
	assert_null(vmbase_fdt_property(&fdt, &node, "a", &size));
	assert_int_equal(vmbase_fdt_find(&fdt, "/o", &node), VMBASE_OK);

	// Tags after the root's end are ignored: a second root, a second end, an unknown tag.
	for (int i = 0; i < 3; i++) {
		begin_root();
		blob_node(&blob, "n");
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		if (i == 0) {
			blob_node(&blob, "m");
		}
		blob_tag(&blob, i == 2 ? 77 : FDT_END_NODE);
		blob_end(&blob);
		assert_opens();
		assert_int_equal(count_nodes(), 2);
	}

	// Reservations need no alignment.
	blob_begin(&blob);
	blob_reserve(&blob, 0, 0);
	blob_reserve(&blob, 0x1000, 0x2000);
	blob_node(&blob, "");
	end_root();
	memmove(blob.bytes + 40 + 4, blob.bytes + 40 + 16, 32);
	fdt_set_off_mem_rsvmap(blob.bytes, 44);
	assert_opens();
}

static void tree_must_end_inside_its_block(void **state)
{
	(void)state;
	begin_root();
	end_root();
	fdt_set_size_dt_struct(blob.bytes, fdt_size_dt_struct(blob.bytes) - 4);
	assert_opens();
	fdt_set_size_dt_struct(blob.bytes, fdt_size_dt_struct(blob.bytes) - 4);
	assert_refused(VMBASE_ERROR_CORRUPT);
	fdt_set_size_dt_struct(blob.bytes, 4);
	assert_refused(VMBASE_ERROR_CORRUPT);
	fdt_set_size_dt_struct(blob.bytes, 0);
	assert_refused(VMBASE_ERROR_CORRUPT);
}

static void node_name_must_end_inside_its_block(void **state)
{
	(void)state;
	// Without properties there are no strings: the structure block is at the end of the tree.
	for (uint32_t length = 1; length <= 8; length++) {
		begin_root();
		blob_node(&blob, "abcdefgh");
		blob_end(&blob);
		const uint32_t structure_bytes = 8 + 4 + length;

		blob.size = fdt_off_dt_struct(blob.bytes) + structure_bytes;
		fdt_set_totalsize(blob.bytes, (uint32_t)blob.size);
		fdt_set_size_dt_struct(blob.bytes, structure_bytes);
		fdt_set_off_dt_strings(blob.bytes, (uint32_t)blob.size);
		assert_refused(VMBASE_ERROR_CORRUPT);
	}
}

static bool has_name(void)
{
	const struct vmbase_fdt_node root = VMBASE_FDT_ROOT;
	struct vmbase_fdt fdt;
	size_t size;

	assert_opens();
	assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
	return vmbase_fdt_property(&fdt, &root, "name", &size) != NULL;
}

static void property_names_must_be_inside_the_strings_block(void **state)
{
	(void)state;
	begin_root();
	blob_property(&blob, "name", "", 1);
	end_root();
	assert_true(has_name());
	unsigned char *property = blob.bytes + fdt_off_dt_struct(blob.bytes) + 8;

	fdt32_st(property + 8, 4); // an empty name
	assert_false(has_name());
	fdt32_st(property + 8, 5);
	assert_false(has_name());
	fdt32_st(property + 8, UINT32_MAX);
	assert_false(has_name());
	fdt32_st(property + 8, 0);
	assert_true(has_name());
	// The strings have no NUL at their end.
	fdt_set_size_dt_strings(blob.bytes, 4);
	assert_false(has_name());
}

static void properties_must_be_inside_the_structure_block(void **state)
{
	// With one of these sizes, a 32-bit sum would lead back to the root.
	static const uint32_t sizes[] = { 5,          8,          9,          12,         13,
					  0x7fffffff, 0xffffffec, 0xfffffff0, 0xfffffffc, 0xffffffff };

	(void)state;
	begin_root();
	blob_property(&blob, "name", "abcd", 4);
	end_root();
	assert_opens();
	for (size_t i = 0; i < COUNT(sizes); i++) {
		fdt32_st(blob.bytes + fdt_off_dt_struct(blob.bytes) + 12, sizes[i]);
		assert_refused(VMBASE_ERROR_CORRUPT);
	}
}

// The header has the size of the tree: a part of a tree is never accepted as the whole.
static void a_truncated_tree_is_refused(void **state)
{
	struct vmbase_fdt fdt;

	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		blob_read(&blob, machines[i]);
		for (size_t size = 0; size < blob.size; size++) {
			assert_int_equal(open_part(&fdt, size), VMBASE_ERROR_OUT_OF_RANGE);
		}
		assert_int_equal(open_part(&fdt, blob.size), VMBASE_OK);
	}
}

// If the header has a smaller size, all blocks are checked against this size.
static void a_tree_is_not_read_past_the_size_in_its_header(void **state)
{
	struct vmbase_fdt fdt;

	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		blob_read(&blob, machines[i]);
		const size_t size = blob.size;

		for (size_t less = 40; less < size; less++) {
			// Every smaller size is refused, because a block ends at the end of the tree.
			fdt_set_totalsize(blob.bytes, (uint32_t)less);
			assert_int_not_equal(open_part(&fdt, less), VMBASE_OK);
		}
		blob_read(&blob, machines[i]);
		const uint32_t structure_bytes = fdt_size_dt_struct(blob.bytes);

		// A structure block without FDT_END is accepted: the loop ends before that tag.
		for (uint32_t less = 0; less < structure_bytes - FDT_TAGSIZE; less++) {
			fdt_set_size_dt_struct(blob.bytes, less);
			assert_int_not_equal(open_part(&fdt, blob.size), VMBASE_OK);
		}
	}
}

// A changed tree must be refused, or all of it must be readable.
static void open_and_visit(void)
{
	struct vmbase_fdt fdt;

	if (open_part(&fdt, blob.size) == VMBASE_OK) {
		fdt_visit(&fdt);
		fdt_change(&fdt, blob.size + 256);
	}
}

static void any_changed_byte_is_refused_or_readable(void **state)
{
	static const unsigned char masks[] = { 0x01, 0x80, 0xff };

	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		blob_read(&blob, machines[i]);
		for (size_t offset = 0; offset < blob.size; offset++) {
			const unsigned char byte = blob.bytes[offset];
			blob.bytes[offset] = byte ^ masks[offset % COUNT(masks)];
			open_and_visit();
			blob.bytes[offset] = byte;
		}
	}
}

static void any_changed_words_are_refused_or_readable(void **state)
{
	static const uint32_t words[] = { 0, 1,    2,          3,          4,          9,
					  8, 0x40, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };

	(void)state;
	random_begin();
	for (int round = 0; round < 1000; round++) {
		blob_read(&blob, machines[random_below(COUNT(machines))]);
		for (size_t changes = 1 + random_below(4); changes > 0; changes--) {
			const size_t offset = random_below(blob.size / 4) * 4;

			fdt32_st(blob.bytes + offset, words[random_below(COUNT(words))]);
		}
		open_and_visit();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_tree_is_not_found),
		cmocka_unit_test(an_unaligned_tree_is_refused),
		cmocka_unit_test(the_smallest_tree_opens),
		cmocka_unit_test(unknown_version_is_refused),
		cmocka_unit_test(blocks_must_be_inside_the_tree),
		cmocka_unit_test(reservations_without_an_end_are_refused),
		cmocka_unit_test(nodes_deeper_than_the_limit_are_skipped),
		cmocka_unit_test(tags_out_of_order_are_refused),
		cmocka_unit_test(unusual_trees_that_linux_reads_are_accepted),
		cmocka_unit_test(tree_must_end_inside_its_block),
		cmocka_unit_test(node_name_must_end_inside_its_block),
		cmocka_unit_test(property_names_must_be_inside_the_strings_block),
		cmocka_unit_test(properties_must_be_inside_the_structure_block),
		cmocka_unit_test(a_truncated_tree_is_refused),
		cmocka_unit_test(a_tree_is_not_read_past_the_size_in_its_header),
		cmocka_unit_test(any_changed_byte_is_refused_or_readable),
		cmocka_unit_test(any_changed_words_are_refused_or_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
