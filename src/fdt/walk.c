// SPDX-License-Identifier: Apache-2.0

// From node to node.

#include "tree.h"

#include <string.h>

// Whether one of a word's four bytes is 0, whatever their order.
static bool has_zero_byte(uint32_t word)
{
	return ((word - UINT32_C(0x01010101)) & ~word & UINT32_C(0x80808080)) != 0;
}

// All is checked each time, so that not even a blob that somebody changes leads outside of it.
uint32_t vmb_fdt_step(const struct vmbase_fdt *fdt, uint32_t *offset)
{
	const unsigned char *structure = fdt->blob + fdt->structure;
	const uint64_t end = fdt->structure_bytes;
	uint64_t next = (uint64_t)*offset + FDT_TAGSIZE;
	uint32_t tag;

	if (next > end) {
		return VMB_FDT_NO_TAG;
	}
	tag = (uint32_t)vmb_fdt_number(structure + *offset, 1);
	switch (tag) {
	case FDT_BEGIN_NODE: {
		uint32_t word;

		// The name, by cells: the one with its NUL is the last.
		do {
			if (next + sizeof(word) > end) {
				return VMB_FDT_NO_TAG;
			}
			memcpy(&word, structure + next, sizeof(word));
			next += sizeof(word);
		} while (!has_zero_byte(word));
		break;
	}
	case FDT_PROP:
		next = *offset + sizeof(struct fdt_property);
		if (next > end) {
			return VMB_FDT_NO_TAG;
		}
		next += vmb_fdt_number(structure + *offset + offsetof(struct fdt_property, len), 1);
		next = (next + CELL_BYTES - 1) / CELL_BYTES * CELL_BYTES;
		if (next > end) {
			return VMB_FDT_NO_TAG;
		}
		break;
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		break;
	default:
		return VMB_FDT_NO_TAG;
	}
	*offset = (uint32_t)next;
	return tag;
}

bool vmbase_fdt_next_node(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node)
{
	uint32_t next = node->offsets[node->depth];
	uint32_t depth = node->depth + 1;

	(void)vmb_fdt_step(fdt, &next);
	for (;;) {
		const uint32_t offset = next;

		switch (vmb_fdt_step(fdt, &next)) {
		case FDT_BEGIN_NODE:
			if (depth == VMBASE_FDT_DEPTH) {
				return false;
			}
			node->depth = depth;
			node->offsets[depth] = offset;
			return true;
		case FDT_END_NODE:
			depth--;
			if (depth == 0) {
				return false;
			}
			break;
		case FDT_PROP:
		case FDT_NOP:
			break;
		default:
			return false;
		}
	}
}

const char *vmbase_fdt_node_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node)
{
	return (const char *)fdt->blob + fdt->structure + node->offsets[node->depth] + FDT_TAGSIZE;
}

bool vmb_fdt_has_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, const char *name,
		      size_t length)
{
	const char *own = vmbase_fdt_node_name(fdt, node);

	return strncmp(own, name, length) == 0 &&
	       (own[length] == '\0' || (own[length] == '@' && memchr(name, '@', length) == NULL));
}

bool vmbase_fdt_next_compatible(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node,
				const char *compatible)
{
	struct vmbase_fdt_node next = *node;

	while (vmbase_fdt_next_node(fdt, &next)) {
		if (vmbase_fdt_is_compatible(fdt, &next, compatible)) {
			*node = next;
			return true;
		}
	}
	return false;
}

// The length of a path's part up to the next '/', or to its end.
static size_t part_length(const char *path)
{
	return strcspn(path, "/:");
}

// Goes down a path from *node, in one walk: what lies inside of a node comes behind it.
static enum vmbase_error descend(const struct vmbase_fdt *fdt, const char *path, struct vmbase_fdt_node *node)
{
	struct vmbase_fdt_node next = *node;
	uint32_t depth = node->depth;

	for (;;) {
		path += strspn(path, "/");
		const size_t length = part_length(path);

		if (length == 0) {
			*node = next;
			return VMBASE_OK;
		}
		do {
			if (!vmbase_fdt_next_node(fdt, &next) || next.depth <= depth) {
				return VMBASE_ERROR_NOT_FOUND;
			}
		} while (next.depth != depth + 1 || !vmb_fdt_has_name(fdt, &next, path, length));
		depth = next.depth;
		path += length;
	}
}

// Finds the property of /aliases with a name that is not terminated.
static enum vmbase_error find_alias(const struct vmbase_fdt *fdt, const char *name, size_t length,
				    const char **path)
{
	struct vmbase_fdt_node aliases = VMBASE_FDT_ROOT;
	char alias[32]; // as long as a property's name may be, with its NUL

	if (length >= sizeof(alias) || descend(fdt, "/aliases", &aliases) != VMBASE_OK) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	memcpy(alias, name, length);
	alias[length] = '\0';
	enum vmbase_error error = vmbase_fdt_string(fdt, &aliases, alias, path);

	// No alias of an alias: they could name each other.
	return error == VMBASE_OK && **path != '/' ? VMBASE_ERROR_CORRUPT : error;
}

enum vmbase_error vmbase_fdt_find(const struct vmbase_fdt *fdt, const char *path, struct vmbase_fdt_node *node)
{
	struct vmbase_fdt_node found = VMBASE_FDT_ROOT;
	enum vmbase_error error = VMBASE_OK;

	if (*path != '/') {
		const size_t length = part_length(path);
		const char *target;

		error = find_alias(fdt, path, length, &target);
		if (error == VMBASE_OK) {
			error = descend(fdt, target, &found);
		}
		path += length;
	}
	if (error == VMBASE_OK) {
		error = descend(fdt, path, &found);
	}
	if (error == VMBASE_OK) {
		*node = found;
	}
	return error;
}

enum vmbase_error vmbase_fdt_find_phandle(const struct vmbase_fdt *fdt, uint32_t phandle,
					  struct vmbase_fdt_node *node)
{
	struct vmbase_fdt_node next = VMBASE_FDT_ROOT;
	uint32_t own;

	do {
		if (vmbase_fdt_u32(fdt, &next, "phandle", &own) == VMBASE_OK && own == phandle) {
			*node = next;
			return VMBASE_OK;
		}
	} while (vmbase_fdt_next_node(fdt, &next));
	return VMBASE_ERROR_NOT_FOUND;
}
