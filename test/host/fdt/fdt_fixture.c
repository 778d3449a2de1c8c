// SPDX-License-Identifier: Apache-2.0

// Device trees that a test makes: the implementation.

#include "fdt_fixture.h"

struct blob blob;
struct vmbase_fdt fdt;
const struct vmbase_fdt_node root = VMBASE_FDT_ROOT;

void open_blob(void)
{
	assert_int_equal(vmbase_fdt_open(&fdt, blob_place(&blob, blob.size), blob.size), VMBASE_OK);
}

int open_board(void **state)
{
	(void)state;
	blob_read(&blob, "board");
	open_blob();
	return 0;
}

struct vmbase_fdt_node find_node(const char *path)
{
	struct vmbase_fdt_node node;

	assert_int_equal(vmbase_fdt_find(&fdt, path, &node), VMBASE_OK);
	return node;
}

void assert_range(struct vmbase_range found, uintptr_t begin, uintptr_t end)
{
	assert_int_equal(found.begin, begin);
	assert_int_equal(found.end, end);
}
