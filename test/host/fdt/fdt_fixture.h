// SPDX-License-Identifier: Apache-2.0

// The device tree of the current test, for the tests of <vmbase/fdt.h>.

#ifndef FDT_FIXTURE_H
#define FDT_FIXTURE_H

#include "blobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// The tree as bytes, and opened.
extern struct blob blob;
extern struct vmbase_fdt fdt;

extern const struct vmbase_fdt_node root;

// Opens a copy of `blob` that ends where readable memory ends.
void open_blob(void);

// Set-up function that opens dts/board.dts. That tree has more kinds of nodes than the trees of VMMs.
int open_board(void **state);

// Returns the node at a path. The node must exist.
struct vmbase_fdt_node find_node(const char *path);

void assert_range(struct vmbase_range found, uintptr_t begin, uintptr_t end);

#endif
