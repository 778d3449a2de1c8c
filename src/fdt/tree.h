// SPDX-License-Identifier: Apache-2.0

// What the parts of the device tree's reader share.
//
// libfdt checks the header, reads what a node has, and makes all changes. The walk from node to node is
// vmbase's own: it has a bound for depth, knows what a node lies in without a second walk, and takes an eighth
// of the time (of QEMU's tree: 13,600 instructions), since fdt_next_tag() looks at a node's name byte by byte
// through a function. Of libfdt the readers call what is in its fdt.o alone: fdt_ro.o is three times as large,
// and Debian has no function sections in it.

#ifndef VMB_FDT_TREE_H
#define VMB_FDT_TREE_H

#include <vmbase/fdt.h>

#include <libfdt.h>

#include <string.h>

#define CELL_BYTES 4

// Numbers are big-endian. (libfdt's own loads are of single bytes, which is a call of 20 instructions.)
static inline uint32_t vmb_fdt_load32(const void *number)
{
	fdt32_t word;

	memcpy(&word, number, sizeof(word));
	return __builtin_bswap32(word);
}

static inline uint64_t vmb_fdt_load64(const void *number)
{
	fdt64_t word;

	memcpy(&word, number, sizeof(word));
	return __builtin_bswap64(word);
}

// What vmb_fdt_step() returns where the structure block ends, or makes no sense.
#define VMB_FDT_NO_TAG 0

// What the header of a good tree says of it, and no more: its node offsets are not known.
struct vmbase_fdt vmb_fdt_describe(const void *blob);

// Whether one of a word's four bytes is 0, whatever their order.
static inline bool vmb_fdt_has_zero_byte(uint32_t word)
{
	return ((word - UINT32_C(0x01010101)) & ~word & UINT32_C(0x80808080)) != 0;
}

// Steps over the tag at *offset in the structure block, which ends at `end`, and over all that belongs to it.
// Returns the tag, or VMB_FDT_NO_TAG with *offset as it was. All is checked each time: not even a blob that
// somebody changes leads outside of it. Inlined, and with most tags being properties, a walk takes half the
// time.
__attribute__((always_inline)) static inline uint32_t vmb_fdt_step(const unsigned char *block, uint64_t end,
								   uint64_t *offset)
{
	uint64_t next = *offset + FDT_TAGSIZE;
	uint32_t tag;

	if (next > end) {
		return VMB_FDT_NO_TAG;
	}
	tag = vmb_fdt_load32(block + *offset);
	if (tag == FDT_PROP) {
		next = *offset + sizeof(struct fdt_property);
		if (next > end) {
			return VMB_FDT_NO_TAG;
		}
		next += vmb_fdt_load32(block + *offset + offsetof(struct fdt_property, len));
		next = (next + CELL_BYTES - 1) / CELL_BYTES * CELL_BYTES;
		if (next > end) {
			return VMB_FDT_NO_TAG;
		}
	} else if (tag == FDT_BEGIN_NODE) {
		uint32_t word;

		// The name, by cells: the one with its NUL is the last.
		do {
			if (next + sizeof(word) > end) {
				return VMB_FDT_NO_TAG;
			}
			memcpy(&word, block + next, sizeof(word));
			next += sizeof(word);
		} while (!vmb_fdt_has_zero_byte(word));
	} else if (tag != FDT_END_NODE && tag != FDT_NOP && tag != FDT_END) {
		return VMB_FDT_NO_TAG;
	}
	*offset = next;
	return tag;
}

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

// Finds /chosen or /reserved-memory: where vmbase_fdt_open() has seen it, or 0 where there is none, or by its
// path where that is not known.
#define VMB_FDT_UNKNOWN UINT32_MAX
enum vmbase_error vmb_fdt_find_known(const struct vmbase_fdt *fdt, uint32_t offset, const char *path,
				     struct vmbase_fdt_node *node);

// Whether a node's name is this one, of `length` bytes, with or without its unit address.
bool vmb_fdt_has_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, const char *name,
		      size_t length);

// Whether a list of strings, each with its NUL, has this one.
bool vmb_fdt_list_has(const char *list, size_t size_bytes, const char *string);

// What `compatible` may say and what that means. These are arrays, not pointers: an image that relocates itself
// has nothing to do for them.
struct vmb_fdt_match {
	char compatible[23];
	unsigned char meaning;
};

// Finds the first of `matches` that the node is compatible with.
bool vmb_fdt_match(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
		   const struct vmb_fdt_match *matches, size_t count, unsigned int *meaning);
#define VMB_FDT_MATCH(fdt, node, matches, meaning)                                                             \
	vmb_fdt_match(fdt, node, matches, sizeof(matches) / sizeof((matches)[0]), meaning)

// Reads a number of `cells` cells, up to two.
static inline uint64_t vmb_fdt_number(const unsigned char *value, uint32_t cells)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < cells; i++) {
		number = number << 32 | vmb_fdt_load32(value + (size_t)i * CELL_BYTES);
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
