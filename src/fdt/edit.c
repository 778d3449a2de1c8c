// SPDX-License-Identifier: Apache-2.0

// Changes a tree. vmbase's own walk finds the nodes; libfdt makes the changes.

#include "tree.h"

#include <limits.h>
#include <string.h>

// Ends a change: reads the header again, because the change may have moved the blocks.
static enum vmbase_error finish(struct vmbase_fdt_editor *editor, int error)
{
	editor->fdt = vmb_fdt_describe(editor->buffer);
	return vmb_fdt_error(error);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

// Returns the number of bytes up to the end of the tree's last block. The memory reservation block has no size:
// its last entry ends it.
static uint32_t used_bytes(const struct vmbase_fdt *fdt)
{
	uint32_t end = fdt->reservations;

	while (vmb_fdt_load64(fdt->blob + end + offsetof(struct fdt_reserve_entry, size)) != 0) {
		end += (uint32_t)sizeof(struct fdt_reserve_entry);
	}
	return larger(end + (uint32_t)sizeof(struct fdt_reserve_entry),
		      larger(fdt->structure + fdt->structure_bytes, fdt->strings + fdt->strings_bytes));
}

enum vmbase_error vmbase_fdt_edit(struct vmbase_fdt_editor *editor, const struct vmbase_fdt *fdt, void *buffer,
				  size_t size_bytes)
{
	const uint32_t used = used_bytes(fdt);
	int error;

	if ((uintptr_t)buffer % 8 != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	if (size_bytes < used) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	// fdt_open_into() would also copy the free space that the VMM left.
	memmove(buffer, fdt->blob, used);
	fdt_set_totalsize(buffer, used);
	error = fdt_open_into(buffer, buffer, size_bytes < INT_MAX ? (int)size_bytes : INT_MAX);
	if (error != 0) {
		return vmb_fdt_error(error);
	}
	editor->buffer = buffer;
	return finish(editor, 0);
}

enum vmbase_error vmbase_fdt_add_node(struct vmbase_fdt_editor *editor, const char *parent, const char *name)
{
	struct vmbase_fdt_node node;
	enum vmbase_error error;
	int offset;

	if (*name == '\0' || strpbrk(name, "/:") != NULL) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	error = vmbase_fdt_find(&editor->fdt, parent, &node);
	if (error != VMBASE_OK) {
		return error;
	}
	if (node.depth + 1 == VMBASE_FDT_DEPTH) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	offset = fdt_add_subnode(editor->buffer, (int)node.offsets[node.depth], name);
	return finish(editor, offset < 0 ? offset : 0);
}

enum vmbase_error vmbase_fdt_set_bytes(struct vmbase_fdt_editor *editor, const char *path, const char *name,
				       const void *value, size_t size_bytes)
{
	struct vmbase_fdt_node node;
	enum vmbase_error error;

	if (*name == '\0') {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	error = vmbase_fdt_find(&editor->fdt, path, &node);
	if (error != VMBASE_OK) {
		return error;
	}
	// A larger value cannot fit, and might not fit libfdt's int.
	if (size_bytes > editor->fdt.size_bytes) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	return finish(editor,
		      fdt_setprop(editor->buffer, (int)node.offsets[node.depth], name, value, (int)size_bytes));
}

enum vmbase_error vmbase_fdt_set_u32(struct vmbase_fdt_editor *editor, const char *path, const char *name,
				     uint32_t value)
{
	const fdt32_t number = cpu_to_fdt32(value);

	return vmbase_fdt_set_bytes(editor, path, name, &number, sizeof(number));
}

enum vmbase_error vmbase_fdt_set_u64(struct vmbase_fdt_editor *editor, const char *path, const char *name,
				     uint64_t value)
{
	const fdt64_t number = cpu_to_fdt64(value);

	return vmbase_fdt_set_bytes(editor, path, name, &number, sizeof(number));
}

enum vmbase_error vmbase_fdt_set_string(struct vmbase_fdt_editor *editor, const char *path, const char *name,
					const char *value)
{
	return vmbase_fdt_set_bytes(editor, path, name, value, strlen(value) + 1);
}

enum vmbase_error vmbase_fdt_add_reservation(struct vmbase_fdt_editor *editor, struct vmbase_range range)
{
	if (range.begin >= range.end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	return finish(editor, fdt_add_mem_rsv(editor->buffer, range.begin, range.end - range.begin));
}

enum vmbase_error vmbase_fdt_pack(struct vmbase_fdt_editor *editor)
{
	return finish(editor, fdt_pack(editor->buffer));
}
