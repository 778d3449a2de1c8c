// SPDX-License-Identifier: Apache-2.0

// Reads the properties of a node.

#include "tree.h"

#include <string.h>

const void *vmbase_fdt_property(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				const char *name, size_t *size_bytes)
{
	const unsigned char *block = fdt->blob + fdt->structure;
	const size_t name_bytes = strlen(name) + 1;
	uint64_t next = node->offsets[node->depth];
	uint64_t offset;
	uint32_t tag;

	// Steps over the node's own tag.
	(void)vmb_fdt_step(block, fdt->structure_bytes, &next);
	do {
		offset = next;
		tag = vmb_fdt_step(block, fdt->structure_bytes, &next);
		if (tag == FDT_PROP) {
			const struct fdt_property *property = (const void *)(block + offset);

			if (vmb_fdt_is_named(fdt, property, name, name_bytes)) {
				*size_bytes = vmb_fdt_load32(&property->len);
				return property->data;
			}
		}
	} while (tag == FDT_PROP || tag == FDT_NOP);
	return NULL;
}

enum vmbase_error vmbase_fdt_u32(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				 const char *name, uint32_t *value)
{
	size_t size_bytes;
	const void *property = vmbase_fdt_property(fdt, node, name, &size_bytes);

	if (property == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (size_bytes < sizeof(*value)) {
		return VMBASE_ERROR_CORRUPT;
	}
	*value = vmb_fdt_load32(property);
	return VMBASE_OK;
}

enum vmbase_error vmbase_fdt_string(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				    const char *name, const char **value)
{
	size_t size_bytes;
	const char *property = vmbase_fdt_property(fdt, node, name, &size_bytes);

	if (property == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (memchr(property, '\0', size_bytes) == NULL) {
		return VMBASE_ERROR_CORRUPT;
	}
	*value = property;
	return VMBASE_OK;
}

bool vmb_fdt_list_index(const char *list, size_t size_bytes, const char *string, uint32_t *index)
{
	const size_t length = strlen(string);

	for (uint32_t i = 0; size_bytes > length; i++) {
		if (memcmp(list, string, length + 1) == 0) {
			*index = i;
			return true;
		}
		const char *end = memchr(list, '\0', size_bytes);

		if (end == NULL) {
			return false;
		}
		size_bytes -= (size_t)(end + 1 - list);
		list = end + 1;
	}
	return false;
}

bool vmb_fdt_list_has(const char *list, size_t size_bytes, const char *string)
{
	uint32_t index;

	return vmb_fdt_list_index(list, size_bytes, string, &index);
}

bool vmbase_fdt_is_compatible(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
			      const char *compatible)
{
	size_t size_bytes;
	const char *list = vmbase_fdt_property(fdt, node, "compatible", &size_bytes);

	return list != NULL && vmb_fdt_list_has(list, size_bytes, compatible);
}

bool vmb_fdt_match_list(const char *list, size_t size_bytes, const struct vmb_fdt_match *matches, size_t count,
			unsigned int *meaning)
{
	for (size_t i = 0; i < count; i++) {
		if (vmb_fdt_list_has(list, size_bytes, matches[i].compatible)) {
			*meaning = matches[i].meaning;
			return true;
		}
	}
	return false;
}

bool vmb_fdt_match(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
		   const struct vmb_fdt_match *matches, size_t count, unsigned int *meaning)
{
	size_t size_bytes;
	const char *list = vmbase_fdt_property(fdt, node, "compatible", &size_bytes);

	return list != NULL && vmb_fdt_match_list(list, size_bytes, matches, count, meaning);
}

bool vmbase_fdt_is_enabled(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node)
{
	// The root has no status.
	for (struct vmbase_fdt_node each = *node; each.depth > 0; each.depth--) {
		size_t size_bytes;
		const char *status = vmbase_fdt_property(fdt, &each, "status", &size_bytes);

		// "ok" is the old form.
		if (status != NULL && !vmb_fdt_list_has(status, size_bytes, "okay") &&
		    !vmb_fdt_list_has(status, size_bytes, "ok")) {
			return false;
		}
	}
	return true;
}

enum vmbase_error vmb_fdt_cells(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				struct vmb_fdt_cells *cells)
{
	struct vmb_fdt_cells found = { .address = 2, .size = 1 };

	if (vmbase_fdt_u32(fdt, bus, "#address-cells", &found.address) == VMBASE_ERROR_CORRUPT ||
	    vmbase_fdt_u32(fdt, bus, "#size-cells", &found.size) == VMBASE_ERROR_CORRUPT) {
		return VMBASE_ERROR_CORRUPT;
	}
	*cells = found;
	return VMBASE_OK;
}
