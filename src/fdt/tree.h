// SPDX-License-Identifier: Apache-2.0

// What the parts of the device tree's reader share.
//
// libfdt checks the header, reads what a node has, and makes all changes. The walk from node to node is
// vmbase's own: it has a bound for depth, knows what a node lies in without a second walk, and takes a
// twentieth of the time, since fdt_next_tag() looks at a node's name byte by byte through a function. Of libfdt
// the readers call what is in its fdt.o alone: fdt_ro.o is three times as large, and Debian has no function
// sections in it.

#ifndef VMB_FDT_TREE_H
#define VMB_FDT_TREE_H

#include <vmbase/fdt.h>

#include <libfdt.h>

#define CELL_BYTES 4

// What vmb_fdt_step() returns where the structure block ends, or makes no sense.
#define VMB_FDT_NO_TAG 0

// What the header of a good tree says of it.
struct vmbase_fdt vmb_fdt_describe(const void *blob);

// Steps over the tag at *offset in the structure block, and over all that belongs to it. Returns the tag, or
// VMB_FDT_NO_TAG with *offset as it was.
uint32_t vmb_fdt_step(const struct vmbase_fdt *fdt, uint32_t *offset);

// What an error of libfdt means.
enum vmbase_error vmb_fdt_error(int error);

// An error of a node that a list has come to: what the node lacks is not the list's end.
static inline enum vmbase_error vmb_fdt_not_the_end(enum vmbase_error error)
{
	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_ERROR_CORRUPT : error;
}

// The node that one other than the root lies in.
static inline struct vmbase_fdt_node vmb_fdt_parent(const struct vmbase_fdt_node *node)
{
	struct vmbase_fdt_node parent = *node;

	parent.depth--;
	return parent;
}

// Whether a node's name is this one, of `length` bytes: with its unit address, or without if `name` has none.
bool vmb_fdt_has_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, const char *name,
		      size_t length);

// Whether a list of strings, each with its NUL, has this one.
bool vmb_fdt_list_has(const char *list, size_t size_bytes, const char *string);

// Reads a number of `cells` cells, up to two.
static inline uint64_t vmb_fdt_number(const unsigned char *value, uint32_t cells)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < cells; i++) {
		number = number << 32 |
			 fdt32_ld((const fdt32_t *)(const void *)(value + (size_t)i * CELL_BYTES));
	}
	return number;
}

// How many cells a bus's addresses and sizes have (#address-cells, #size-cells); those that a property does not
// give are the specification's.
struct vmb_fdt_cells {
	uint32_t address;
	uint32_t size;
};

enum vmbase_error vmb_fdt_cells(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				struct vmb_fdt_cells *cells);

// vmbase_fdt_reg() as base and size, of which the latter may be 0. base + size does not wrap around.
struct vmb_fdt_area {
	uint64_t base;
	uint64_t size;
};

enum vmbase_error vmb_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, uint32_t index,
			      struct vmb_fdt_area *area);

// Translates an address area of `bus` to the CPU's.
enum vmbase_error vmb_fdt_translate(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				    struct vmb_fdt_area *area);

#endif
