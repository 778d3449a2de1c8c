// SPDX-License-Identifier: Apache-2.0

// What the parts of the device tree's reader share.
//
// libfdt makes all changes. To read is vmbase's own: it has a bound for depth, knows what a node lies in
// without a second walk, and takes an eighth of the time, since fdt_next_tag() looks at a node's name byte by
// byte through a function. An image that only reads has nothing of libfdt, of which the smallest part that
// could read is 1.5 KiB: Debian has no function sections in it.

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

// Nodes that are asked for often, as vmbase_fdt_open() has seen them: 0 for none (the root is there), or not
// known. vmb_fdt_find_known() finds /chosen or /reserved-memory, by its path where that is not known.
#define VMB_FDT_UNKNOWN UINT32_MAX
enum vmbase_error vmb_fdt_find_known(const struct vmbase_fdt *fdt, uint32_t offset, const char *path,
				     struct vmbase_fdt_node *node);

// Gives the node that a search for something begins at: the one in the root that has the first of these things,
// or the root where that is not known. False where there is nothing.
bool vmb_fdt_begin(uint32_t offset, struct vmbase_fdt_node *node);

// Whether a node's own name is this one, of `length` bytes, with or without its unit address.
static inline bool vmb_fdt_is_name(const char *own, const char *name, size_t length)
{
	// Most names differ at once.
	return *own == *name && strncmp(own, name, length) == 0 && (own[length] == '\0' || own[length] == '@');
}

// Whether a property's name is this one, of size_bytes with its NUL. A name outside of the strings is none.
__attribute__((always_inline)) static inline bool vmb_fdt_is_named(const struct vmbase_fdt *fdt,
								   const struct fdt_property *property,
								   const char *name, size_t size_bytes)
{
	const uint32_t offset = vmb_fdt_load32(&property->nameoff);

	if (offset > fdt->strings_bytes || fdt->strings_bytes - offset < size_bytes) {
		return false;
	}
	const char *own = (const char *)fdt->blob + fdt->strings + offset;

	// Most names differ at once.
	return *own == *name && memcmp(own, name, size_bytes) == 0;
}
#define VMB_FDT_IS_NAMED(fdt, property, name) vmb_fdt_is_named(fdt, property, name, sizeof(name))

// Whether a list of strings, each with its NUL, has this one, and which it is.
bool vmb_fdt_list_index(const char *list, size_t size_bytes, const char *string, uint32_t *index);
bool vmb_fdt_list_has(const char *list, size_t size_bytes, const char *string);

// What `compatible` may say and what that means. These are arrays, not pointers: an image that relocates itself
// has nothing to do for them.
struct vmb_fdt_match {
	char compatible[23];
	unsigned char meaning;
};

// Finds the first of `matches` that is in a list of strings.
bool vmb_fdt_match_list(const char *list, size_t size_bytes, const struct vmb_fdt_match *matches, size_t count,
			unsigned int *meaning);

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

// Reads an entry of a node's reg as it is written down.
enum vmbase_error vmb_fdt_read_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				   uint32_t index, struct vmb_fdt_area *area);

// Whether a list of strings has one of PSCI.
bool vmb_fdt_is_psci(const char *compatible, size_t size_bytes);

enum vmbase_error vmb_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, uint32_t index,
			      struct vmb_fdt_area *area);

// Translates an address area of `bus` to the CPU's.
enum vmbase_error vmb_fdt_translate(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				    struct vmb_fdt_area *area);

#endif
