// SPDX-License-Identifier: Apache-2.0

// Shared declarations of the device tree's reader.
//
// libfdt makes all changes. vmbase has a reader of its own, which limits the depth, knows a node's parents
// without a second walk, and takes an eighth of the time: libfdt's fdt_next_tag() reads a node's name byte by
// byte through a function. An image that only reads contains no part of libfdt. The smallest part that could
// read has 1.5 KiB, because Debian's libfdt has no function sections.

#ifndef VMB_FDT_TREE_H
#define VMB_FDT_TREE_H

#include <vmbase/fdt.h>

#include <libfdt.h>

#include <string.h>

#define CELL_BYTES 4

// Loads a big-endian number. (libfdt loads single bytes, in a function of 20 instructions.)
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

// vmb_fdt_step() returns this at the end of the structure block, or if the block is damaged.
#define VMB_FDT_NO_TAG 0

// Describes a tree by its header, which must be valid. The offsets of nodes are VMB_FDT_UNKNOWN.
struct vmbase_fdt vmb_fdt_describe(const void *blob);

// Returns whether one of a word's four bytes is 0.
static inline bool vmb_fdt_has_zero_byte(uint32_t word)
{
	return ((word - UINT32_C(0x01010101)) & ~word & UINT32_C(0x80808080)) != 0;
}

// Steps over the tag at *offset, and over its name or value, in a structure block of `end` bytes. Returns the
// tag, or VMB_FDT_NO_TAG with *offset unchanged. Checks everything each time: even a blob that is changed
// meanwhile never leads outside the blob. Inlining halves the time of a walk, because most tags are properties.
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

		// Skips the name, a cell at a time. The cell with the NUL is the last one.
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

// Translates an error of libfdt.
enum vmbase_error vmb_fdt_error(int error);

// Converts the error of a node in a list. NOT_FOUND would end the list, so a missing property gives CORRUPT.
static inline enum vmbase_error vmb_fdt_list_error(enum vmbase_error error)
{
	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_ERROR_CORRUPT : error;
}

// Returns the parent of a node that is not the root.
static inline struct vmbase_fdt_node vmb_fdt_parent(const struct vmbase_fdt_node *node)
{
	struct vmbase_fdt_node parent = *node;

	parent.depth--;
	return parent;
}

// vmbase_fdt_open() remembers the offsets of nodes that are often searched for. 0 means that there is no such
// node (the root is at 0). VMB_FDT_UNKNOWN means that the tree must be searched.
#define VMB_FDT_UNKNOWN UINT32_MAX

// Finds a node by its remembered offset, or by `path` if the offset is unknown.
//
// Errors:
//   VMBASE_ERROR_NOT_FOUND  when there is no such node
enum vmbase_error vmb_fdt_find_known(const struct vmbase_fdt *fdt, uint32_t offset, const char *path,
				     struct vmbase_fdt_node *node);

// Gives the first node of a search: the remembered child of the root, or the root if the offset is unknown.
// Returns false if there is no such node.
bool vmb_fdt_begin_search(uint32_t offset, struct vmbase_fdt_node *node);

// Returns whether a node's own name is `name`, of `length` bytes, with or without a unit address.
static inline bool vmb_fdt_is_name(const char *own, const char *name, size_t length)
{
	// Most names differ at once.
	return *own == *name && strncmp(own, name, length) == 0 && (own[length] == '\0' || own[length] == '@');
}

// Returns whether a property's name is `name`, of size_bytes with its NUL. A name outside the strings block
// never matches.
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

// Returns whether a list of NUL-terminated strings contains `string`, and gives its index.
bool vmb_fdt_list_index(const char *list, size_t size_bytes, const char *string, uint32_t *index);
bool vmb_fdt_list_has(const char *list, size_t size_bytes, const char *string);

// A value of `compatible`, and its meaning to the caller. The string is an array, not a pointer: an image that
// relocates itself would have to relocate pointers.
struct vmb_fdt_match {
	char compatible[23];
	unsigned char meaning;
};

// Finds the first of `matches` that a list of strings contains.
bool vmb_fdt_match_list(const char *list, size_t size_bytes, const struct vmb_fdt_match *matches, size_t count,
			unsigned int *meaning);

// Finds the first of `matches` that the node's property `compatible` contains.
bool vmb_fdt_match(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
		   const struct vmb_fdt_match *matches, size_t count, unsigned int *meaning);
#define VMB_FDT_MATCH(fdt, node, matches, meaning)                                                             \
	vmb_fdt_match(fdt, node, matches, sizeof(matches) / sizeof((matches)[0]), meaning)

// Returns whether `compatible` lists a version of PSCI.
bool vmb_fdt_is_psci(const char *compatible, size_t size_bytes);

// Reads a number of 0, 1 or 2 cells.
static inline uint64_t vmb_fdt_number(const unsigned char *value, uint32_t cells)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < cells; i++) {
		number = number << 32 | vmb_fdt_load32(value + (size_t)i * CELL_BYTES);
	}
	return number;
}

// The number of cells in a bus's addresses and sizes (#address-cells, #size-cells). A missing property has the
// specification's default, 2 and 1.
struct vmb_fdt_cells {
	uint32_t address;
	uint32_t size;
};

// Reads the cells of a bus.
//
// Errors:
//   VMBASE_ERROR_CORRUPT  when a property has fewer than 32 bits
enum vmbase_error vmb_fdt_cells(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				struct vmb_fdt_cells *cells);

// An address range as base and size. The size may be 0.
struct vmb_fdt_area {
	uint64_t base;
	uint64_t size;
};

// Reads an entry of a node's reg without translation. base + size may wrap around.
//
// Errors: as vmbase_fdt_reg(), without VMBASE_ERROR_OUT_OF_RANGE.
enum vmbase_error vmb_fdt_read_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				   uint32_t index, struct vmb_fdt_area *area);

// Like vmbase_fdt_reg(), but accepts an empty range.
enum vmbase_error vmb_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, uint32_t index,
			      struct vmb_fdt_area *area);

// Translates an area of `bus` to the CPU's addresses.
//
// Errors:
//   VMBASE_ERROR_UNSUPPORTED   when a bus has no `ranges`, or cells that are not supported (reg.c)
//   VMBASE_ERROR_OUT_OF_RANGE  when no entry of `ranges` contains the area, or the result wraps around
//   VMBASE_ERROR_CORRUPT       when #address-cells or #size-cells is cut off
enum vmbase_error vmb_fdt_translate(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				    struct vmb_fdt_area *area);

#endif
