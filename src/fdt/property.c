// SPDX-License-Identifier: Apache-2.0

// What a node has.

#include "tree.h"

#include <string.h>

static bool is_named(const struct vmbase_fdt *fdt, const struct fdt_property *property, const char *name,
		     size_t name_bytes)
{
	const uint32_t offset = vmb_fdt_load32(&property->nameoff);

	return offset < fdt->strings_bytes && fdt->strings_bytes - offset >= name_bytes &&
	       memcmp(fdt->blob + fdt->strings + offset, name, name_bytes) == 0;
}

const void *vmbase_fdt_property(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				const char *name, size_t *size_bytes)
{
	const size_t name_bytes = strlen(name) + 1;
	uint64_t first = node->offsets[node->depth];
	uint32_t tag;
	int next;

	(void)vmb_fdt_step(fdt->blob + fdt->structure, fdt->structure_bytes, &first);
	next = (int)first;
	do {
		const int offset = next;

		tag = fdt_next_tag(fdt->blob, offset, &next);
		if (tag == FDT_PROP) {
			// libfdt has seen that all of it is there.
			const struct fdt_property *property =
				fdt_offset_ptr(fdt->blob, offset, sizeof(*property));

			if (is_named(fdt, property, name, name_bytes)) {
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
	if (size_bytes != sizeof(*value)) {
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
	if (size_bytes == 0 || memchr(property, '\0', size_bytes) != property + size_bytes - 1) {
		return VMBASE_ERROR_CORRUPT;
	}
	*value = property;
	return VMBASE_OK;
}

bool vmb_fdt_list_has(const char *list, size_t size_bytes, const char *string)
{
	const size_t length = strlen(string);

	while (size_bytes > length) {
		if (memcmp(list, string, length + 1) == 0) {
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

bool vmbase_fdt_is_compatible(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
			      const char *compatible)
{
	size_t size_bytes;
	const char *list = vmbase_fdt_property(fdt, node, "compatible", &size_bytes);

	return list != NULL && vmb_fdt_list_has(list, size_bytes, compatible);
}

bool vmb_fdt_match(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
		   const struct vmb_fdt_match *matches, size_t count, unsigned int *meaning)
{
	size_t size_bytes;
	const char *list = vmbase_fdt_property(fdt, node, "compatible", &size_bytes);

	for (size_t i = 0; list != NULL && i < count; i++) {
		if (vmb_fdt_list_has(list, size_bytes, matches[i].compatible)) {
			*meaning = matches[i].meaning;
			return true;
		}
	}
	return false;
}

bool vmbase_fdt_is_enabled(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node)
{
	// The root has no status.
	for (struct vmbase_fdt_node each = *node; each.depth > 0; each.depth--) {
		size_t size_bytes;
		const char *status = vmbase_fdt_property(fdt, &each, "status", &size_bytes);

		// "ok" is what it was called once.
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
