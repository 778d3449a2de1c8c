// SPDX-License-Identifier: Apache-2.0

// Walks from node to node, and finds a node by path, alias or phandle.

#include "tree.h"

bool vmbase_fdt_next_node(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node)
{
	const unsigned char *block = fdt->blob + fdt->structure;
	const uint64_t end = fdt->structure_bytes;
	uint64_t next = node->offsets[node->depth];
	uint32_t depth = node->depth + 1;

	(void)vmb_fdt_step(block, end, &next);
	for (;;) {
		const uint64_t offset = next;
		const uint32_t tag = vmb_fdt_step(block, end, &next);

		if (tag == FDT_PROP || tag == FDT_NOP) {
			continue;
		}
		if (tag == FDT_BEGIN_NODE) {
			if (depth < VMBASE_FDT_DEPTH) {
				node->depth = depth;
				node->offsets[depth] = (uint32_t)offset;
				return true;
			}
			// The node is too deep: skip it.
			depth++;
		} else if (tag != FDT_END_NODE || --depth == 0) {
			// The end of the root is the end of the tree.
			return false;
		}
	}
}

const char *vmbase_fdt_node_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node)
{
	return (const char *)fdt->blob + fdt->structure + node->offsets[node->depth] + FDT_TAGSIZE;
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

// Returns the length of a path's first part, up to the next '/' or the path's end.
static size_t part_length(const char *path)
{
	return strcspn(path, "/:");
}

// Follows a path down from *node in one walk: a node's children come after the node.
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
		} while (next.depth != depth + 1 ||
			 !vmb_fdt_is_name(vmbase_fdt_node_name(fdt, &next), path, length));
		depth = next.depth;
		path += length;
	}
}

// Finds the property of /aliases with a name of `length` bytes, without NUL.
static enum vmbase_error find_alias(const struct vmbase_fdt *fdt, const char *name, size_t length,
				    const char **path)
{
	struct vmbase_fdt_node aliases = VMBASE_FDT_ROOT;
	char alias[32]; // the longest name of a property, with its NUL

	if (length >= sizeof(alias) || descend(fdt, "/aliases", &aliases) != VMBASE_OK) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	memcpy(alias, name, length);
	alias[length] = '\0';
	enum vmbase_error error = vmbase_fdt_string(fdt, &aliases, alias, path);

	// An alias must not name another alias: two aliases could name each other.
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

bool vmb_fdt_begin_search(uint32_t offset, struct vmbase_fdt_node *node)
{
	if (offset == 0) {
		return false;
	}
	node->depth = offset != VMB_FDT_UNKNOWN;
	node->offsets[0] = 0;
	node->offsets[1] = offset;
	return true;
}

enum vmbase_error vmb_fdt_find_known(const struct vmbase_fdt *fdt, uint32_t offset, const char *path,
				     struct vmbase_fdt_node *node)
{
	if (offset == VMB_FDT_UNKNOWN) {
		return vmbase_fdt_find(fdt, path, node);
	}
	return vmb_fdt_begin_search(offset, node) ? VMBASE_OK : VMBASE_ERROR_NOT_FOUND;
}

enum vmbase_error vmbase_fdt_find_phandle(const struct vmbase_fdt *fdt, uint32_t phandle,
					  struct vmbase_fdt_node *node)
{
	struct vmbase_fdt_node next = VMBASE_FDT_ROOT;
	uint32_t own;

	do {
		// "linux,phandle" is the old name.
		if ((vmbase_fdt_u32(fdt, &next, "phandle", &own) == VMBASE_OK ||
		     vmbase_fdt_u32(fdt, &next, "linux,phandle", &own) == VMBASE_OK) &&
		    own == phandle) {
			*node = next;
			return VMBASE_OK;
		}
	} while (vmbase_fdt_next_node(fdt, &next));
	return VMBASE_ERROR_NOT_FOUND;
}
