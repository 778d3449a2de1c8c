// SPDX-License-Identifier: Apache-2.0

// A device tree for one test at a time, shared by the tests of the parts of <vmbase/fdt.h>.

#ifndef FDT_FIXTURE_H
#define FDT_FIXTURE_H

#include "blobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// The tree as a test makes it, and the same opened.
extern struct blob blob;
extern struct vmbase_fdt fdt;

extern const struct vmbase_fdt_node root;

// Opens a copy of `blob` that ends where readable memory ends.
void open_blob(void);

// A set-up that opens dts/board.dts, which has more than trees of VMMs have.
int open_board(void **state);

// Returns the node at a path that is there.
struct vmbase_fdt_node find_node(const char *path);

void assert_range(struct vmbase_range found, uintptr_t begin, uintptr_t end);

#endif
