// SPDX-License-Identifier: Apache-2.0

// Copies of device trees, and changes to them.

#include "blobs.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct blob blob;
static struct vmbase_fdt fdt;
static _Alignas(8) unsigned char buffer[65536];
static struct vmbase_fdt_editor editor;

static void open_blob(void)
{
	assert_int_equal(vmbase_fdt_open(&fdt, blob_place(&blob, blob.size), blob.size), VMBASE_OK);
}

static int edit_crosvm(void **state)
{
	(void)state;
	blob_read(&blob, "crosvm");
	open_blob();
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_OK);
	return 0;
}

static void assert_tree(size_t size)
{
	struct vmbase_fdt again;

	assert_int_equal(vmbase_fdt_open(&again, buffer, size), VMBASE_OK);
	// The editor does not remember the positions of nodes.
	assert_memory_equal(&again, &editor.fdt, offsetof(struct vmbase_fdt, chosen));
}

static struct vmbase_fdt_node find(const char *path)
{
	struct vmbase_fdt_node node;

	assert_int_equal(vmbase_fdt_find(&editor.fdt, path, &node), VMBASE_OK);
	return node;
}

static void a_copy_has_the_same_contents(void **state)
{
	(void)state;
	assert_tree(sizeof(buffer));
	assert_int_equal(fdt_visit(&editor.fdt), fdt_visit(&fdt));
	assert_int_equal(vmbase_fdt_size_bytes(&editor.fdt), sizeof(buffer));
	assert_int_equal(vmbase_fdt_pack(&editor), VMBASE_OK);
	assert_tree(vmbase_fdt_size_bytes(&editor.fdt));
	assert_int_equal(fdt_visit(&editor.fdt), fdt_visit(&fdt));
	assert_true(vmbase_fdt_size_bytes(&editor.fdt) <= blob.size);
}

static void copy_may_overwrite_the_original(void **state)
{
	(void)state;
	const uint64_t sum = fdt_visit(&fdt);

	memcpy(buffer, blob.bytes, blob.size);
	assert_int_equal(vmbase_fdt_open(&fdt, buffer, sizeof(buffer)), VMBASE_OK);
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_OK);
	assert_int_equal(fdt_visit(&editor.fdt), sum);
}

// QEMU's tree has 1 MiB and uses 8 KiB.
static void unused_room_is_not_copied(void **state)
{
	(void)state;
	blob_read(&blob, "qemu-gic2");
	assert_true(blob.size > 2 * sizeof(buffer));
	open_blob();
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_OK);
	assert_int_equal(fdt_visit(&editor.fdt), fdt_visit(&fdt));
	assert_tree(sizeof(buffer));
}

static void a_buffer_is_aligned_and_large_enough(void **state)
{
	(void)state;
	for (size_t offset = 1; offset < 8; offset++) {
		assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer + offset, 8192), VMBASE_ERROR_UNALIGNED);
	}
	assert_int_equal(vmbase_fdt_pack(&editor), VMBASE_OK);
	const size_t needed = vmbase_fdt_size_bytes(&editor.fdt);

	for (size_t size = 0; size < needed; size++) {
		// Exactly this size: the sanitizer detects an access past the end.
		void *exact = malloc(size);

		assert_int_equal(vmbase_fdt_edit(&editor, &fdt, exact, size), VMBASE_ERROR_NO_MEMORY);
		free(exact);
	}
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, needed), VMBASE_OK);
	assert_tree(needed);
}

static void blocks_in_another_order_are_reordered(void **state)
{
	(void)state;
	// Strings before the structure, reservations after both.
	const uint32_t structure_bytes = fdt_size_dt_struct(blob.bytes);
	const uint32_t strings_bytes = fdt_size_dt_strings(blob.bytes);
	const uint64_t sum = fdt_visit(&fdt);
	static struct blob other;
	const uint32_t structure = 40 + (strings_bytes + 7) / 8 * 8;
	const uint32_t reservations = (structure + structure_bytes + 7) / 8 * 8;

	memcpy(other.bytes, blob.bytes, 40);
	memcpy(other.bytes + 40, blob.bytes + fdt_off_dt_strings(blob.bytes), strings_bytes);
	memcpy(other.bytes + structure, blob.bytes + fdt_off_dt_struct(blob.bytes), structure_bytes);
	memset(other.bytes + reservations, 0, 16);
	fdt_set_off_dt_strings(other.bytes, 40);
	fdt_set_off_dt_struct(other.bytes, structure);
	fdt_set_off_mem_rsvmap(other.bytes, reservations);
	other.size = reservations + 16;
	fdt_set_totalsize(other.bytes, (uint32_t)other.size);
	blob = other;
	open_blob();
	assert_int_equal(fdt_visit(&fdt), sum);
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_OK);
	assert_tree(sizeof(buffer));
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", "new"), VMBASE_OK);
	assert_tree(sizeof(buffer));
	// libfdt needs space for a second copy while it reorders the blocks.
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, other.size), VMBASE_ERROR_NO_MEMORY);
}

// The header of version 16 does not have the size of the structure block.
static void version_16_tree_needs_an_end_tag(void **state)
{
	(void)state;
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	fdt_set_version(blob.bytes, 16);
	open_blob();
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_OK);
	assert_tree(sizeof(buffer));
	memset(blob.bytes + fdt_off_dt_struct(blob.bytes) + fdt_size_dt_struct(blob.bytes) - sizeof(fdt32_t),
	       0x77, sizeof(fdt32_t));
	open_blob();
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_ERROR_CORRUPT);
}

static void nodes_are_added_with_properties(void **state)
{
	struct vmbase_fdt_node node;
	const char *string;
	const unsigned char *value;
	uint32_t number;
	size_t size;

	(void)state;
	assert_int_equal(vmbase_fdt_add_node(&editor, "/reserved-memory", "payload@90000000"), VMBASE_OK);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", "config"), VMBASE_OK);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/config", "inner"), VMBASE_OK);
	assert_tree(sizeof(buffer));
	node = find("/reserved-memory/payload@90000000");
	assert_int_equal(node.depth, 2);
	assert_int_equal(vmbase_fdt_set_u32(&editor, "/config", "u32", 0x12345678), VMBASE_OK);
	assert_int_equal(vmbase_fdt_set_u64(&editor, "/config", "u64", UINT64_C(0x123456789abcdef0)),
			 VMBASE_OK);
	assert_int_equal(vmbase_fdt_set_string(&editor, "/config/inner", "string", "text"), VMBASE_OK);
	assert_int_equal(vmbase_fdt_set_bytes(&editor, "/config", "bytes", "\1\2\3", 3), VMBASE_OK);
	assert_int_equal(vmbase_fdt_set_bytes(&editor, "/config", "empty", NULL, 0), VMBASE_OK);
	assert_tree(sizeof(buffer));

	node = find("/config");
	assert_int_equal(vmbase_fdt_u32(&editor.fdt, &node, "u32", &number), VMBASE_OK);
	assert_int_equal(number, 0x12345678);
	value = vmbase_fdt_property(&editor.fdt, &node, "u64", &size);
	assert_int_equal(size, 8);
	assert_memory_equal(value, "\x12\x34\x56\x78\x9a\xbc\xde\xf0", 8);
	value = vmbase_fdt_property(&editor.fdt, &node, "bytes", &size);
	assert_int_equal(size, 3);
	assert_memory_equal(value, "\1\2\3", 3);
	assert_non_null(vmbase_fdt_property(&editor.fdt, &node, "empty", &size));
	assert_int_equal(size, 0);
	node = find("/config/inner");
	assert_int_equal(vmbase_fdt_string(&editor.fdt, &node, "string", &string), VMBASE_OK);
	assert_string_equal(string, "text");
}

static void property_may_change_its_size(void **state)
{
	static const char text[] = "0123456789012345678901234567890123456789";
	const char *bootargs;

	(void)state;
	for (size_t length = 1; length <= sizeof(text) - 1; length++) {
		const char *value = text + sizeof(text) - 1 - length;

		assert_int_equal(vmbase_fdt_set_string(&editor, "/chosen", "bootargs", value), VMBASE_OK);
		assert_tree(sizeof(buffer));
		assert_int_equal(vmbase_fdt_bootargs(&editor.fdt, &bootargs), VMBASE_OK);
		assert_string_equal(bootargs, value);
	}
}

static void reservations_are_added(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;

	(void)state;
	for (uintptr_t i = 1; i <= 5; i++) {
		const struct vmbase_range range = { i << 20, (i << 20) + i };

		assert_int_equal(vmbase_fdt_add_reservation(&editor, range), VMBASE_OK);
		assert_tree(sizeof(buffer));
	}
	for (uintptr_t i = 1; i <= 5; i++) {
		assert_int_equal(vmbase_fdt_next_reserved(&editor.fdt, &iterator, &reservation), VMBASE_OK);
		assert_int_equal(reservation.range.begin, i << 20);
		assert_int_equal(reservation.range.end, (i << 20) + i);
	}
	assert_int_equal(vmbase_fdt_add_reservation(&editor, (struct vmbase_range){ 5, 5 }),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_add_reservation(&editor, (struct vmbase_range){ 6, 5 }),
			 VMBASE_ERROR_OUT_OF_RANGE);
}

static void an_invalid_change_leaves_the_tree_unchanged(void **state)
{
	static unsigned char before[sizeof(buffer)];
	const size_t too_large = sizeof(buffer) + 1;

	(void)state;
	memcpy(before, buffer, sizeof(buffer));
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", ""), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", "a/b"), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", "a:b"), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/nothing", "a"), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", "chosen"), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_fdt_add_node(&editor, "/", "U6_16550A"), VMBASE_ERROR_BUSY);
	assert_int_equal(vmbase_fdt_set_u32(&editor, "/chosen", "", 1), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_fdt_set_u32(&editor, "/nothing", "a", 1), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_set_bytes(&editor, "/chosen", "a", before, too_large),
			 VMBASE_ERROR_NO_MEMORY);
	assert_int_equal(vmbase_fdt_set_bytes(&editor, "/chosen", "a", before, SIZE_MAX),
			 VMBASE_ERROR_NO_MEMORY);
	assert_memory_equal(buffer, before, sizeof(buffer));
}

static void nodes_deeper_than_the_limit_are_not_added(void **state)
{
	char path[64] = "";

	(void)state;
	for (int depth = 1; depth < VMBASE_FDT_DEPTH; depth++) {
		assert_int_equal(vmbase_fdt_add_node(&editor, depth == 1 ? "/" : path, "n"), VMBASE_OK);
		strcat(path, "/n");
	}
	assert_tree(sizeof(buffer));
	assert_int_equal(vmbase_fdt_add_node(&editor, path, "n"), VMBASE_ERROR_UNSUPPORTED);
}

// Tries each change in buffers of growing size: it fails until the buffer is large enough.
static void tree_stays_valid_when_the_buffer_is_full(void **state)
{
	int failures[3] = { 0 };

	(void)state;
	assert_int_equal(vmbase_fdt_pack(&editor), VMBASE_OK);
	const size_t needed = vmbase_fdt_size_bytes(&editor.fdt);
	const struct vmbase_range range = { 0x1000, 0x2000 };

	for (size_t extra = 0; extra <= 64; extra++) {
		for (int change = 0; change < 3; change++) {
			enum vmbase_error error = VMBASE_ERROR_INTERNAL_FAILURE;

			assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, needed + extra), VMBASE_OK);
			switch (change) {
			case 0:
				error = vmbase_fdt_add_node(&editor, "/", "new-node");
				break;
			case 1:
				error = vmbase_fdt_set_u64(&editor, "/", "new-property", 1);
				break;
			default:
				error = vmbase_fdt_add_reservation(&editor, range);
				break;
			}
			assert_true(error == VMBASE_OK || error == VMBASE_ERROR_NO_MEMORY);
			if (error != VMBASE_OK) {
				failures[change]++;
				assert_int_equal(fdt_visit(&editor.fdt), fdt_visit(&fdt));
			}
			assert_tree(needed + extra);
		}
	}
	// Bytes of each change: node 20, property 20 and its name, reservation 16.
	assert_int_equal(failures[0], 20);
	assert_int_equal(failures[1], 33);
	assert_int_equal(failures[2], 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_copy_has_the_same_contents, edit_crosvm),
		cmocka_unit_test_setup(copy_may_overwrite_the_original, edit_crosvm),
		cmocka_unit_test(unused_room_is_not_copied),
		cmocka_unit_test_setup(a_buffer_is_aligned_and_large_enough, edit_crosvm),
		cmocka_unit_test_setup(blocks_in_another_order_are_reordered, edit_crosvm),
		cmocka_unit_test(version_16_tree_needs_an_end_tag),
		cmocka_unit_test_setup(nodes_are_added_with_properties, edit_crosvm),
		cmocka_unit_test_setup(property_may_change_its_size, edit_crosvm),
		cmocka_unit_test_setup(reservations_are_added, edit_crosvm),
		cmocka_unit_test_setup(an_invalid_change_leaves_the_tree_unchanged, edit_crosvm),
		cmocka_unit_test_setup(nodes_deeper_than_the_limit_are_not_added, edit_crosvm),
		cmocka_unit_test_setup(tree_stays_valid_when_the_buffer_is_full, edit_crosvm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
