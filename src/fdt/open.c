// SPDX-License-Identifier: Apache-2.0

// Looks at a whole tree once. libfdt's fdt_check_full() does not serve: it has no bound for depth, takes ten
// times as long, and that of libfdt 1.6 can be made to read through NULL.

#include "tree.h"

#include <string.h>

// The version that all VMMs write, and the first that says how large the structure block is.
#define VERSION 17

static enum vmbase_error check_header(const void *blob, size_t max_bytes)
{
	if (blob == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if ((uintptr_t)blob % 8 != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	if (max_bytes < sizeof(struct fdt_header)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	// What is no tree has no version either.
	if (fdt_magic(blob) == FDT_MAGIC && fdt_version(blob) < VERSION) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	int error = fdt_check_header(blob);

	if (error != 0) {
		return vmb_fdt_error(error);
	}
	if (fdt_totalsize(blob) > max_bytes) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	return fdt_off_dt_struct(blob) % CELL_BYTES == 0 && fdt_off_mem_rsvmap(blob) % sizeof(uint64_t) == 0
		       ? VMBASE_OK
		       : VMBASE_ERROR_UNALIGNED;
}

// The memory reservation block has no size: an entry of size 0 ends it.
static enum vmbase_error check_reservations(const struct vmbase_fdt *fdt)
{
	for (uint64_t offset = fdt->reservations; offset + sizeof(struct fdt_reserve_entry) <= fdt->size_bytes;
	     offset += sizeof(struct fdt_reserve_entry)) {
		const struct fdt_reserve_entry *entry = (const void *)(fdt->blob + offset);

		if (fdt64_ld(&entry->size) == 0) {
			return VMBASE_OK;
		}
	}
	return VMBASE_ERROR_OUT_OF_RANGE;
}

// Names of properties are offsets into this block: each ends in it if its last byte is a NUL.
static bool strings_end(const struct vmbase_fdt *fdt)
{
	return fdt->strings_bytes == 0 || fdt->blob[fdt->strings + fdt->strings_bytes - 1] == '\0';
}

static bool has_string(const struct vmbase_fdt *fdt, uint32_t property)
{
	const struct fdt_property *header = (const void *)(fdt->blob + fdt->structure + property);

	return fdt32_ld(&header->nameoff) < fdt->strings_bytes;
}

static enum vmbase_error check_structure(const struct vmbase_fdt *fdt)
{
	uint32_t depth = 0;
	uint32_t next = 0;
	// Behind a node inside there are no more properties.
	bool takes_properties = false;

	// The root's name is empty: its tag and one cell.
	if (fdt->structure_bytes < FDT_TAGSIZE + CELL_BYTES ||
	    fdt->blob[fdt->structure + FDT_TAGSIZE] != '\0') {
		return VMBASE_ERROR_CORRUPT;
	}
	for (;;) {
		const uint32_t offset = next;

		switch (vmb_fdt_step(fdt, &next)) {
		case FDT_BEGIN_NODE:
			if (depth == 0 && offset != 0) {
				return VMBASE_ERROR_CORRUPT;
			}
			if (depth == VMBASE_FDT_DEPTH) {
				return VMBASE_ERROR_UNSUPPORTED;
			}
			depth++;
			takes_properties = true;
			break;
		case FDT_END_NODE:
			if (depth == 0) {
				return VMBASE_ERROR_CORRUPT;
			}
			depth--;
			takes_properties = false;
			break;
		case FDT_PROP:
			if (!takes_properties || !has_string(fdt, offset)) {
				return VMBASE_ERROR_CORRUPT;
			}
			break;
		case FDT_NOP:
			if (offset == 0) {
				return VMBASE_ERROR_CORRUPT;
			}
			break;
		case FDT_END:
			return depth == 0 && offset != 0 ? VMBASE_OK : VMBASE_ERROR_CORRUPT;
		default:
			return VMBASE_ERROR_CORRUPT;
		}
	}
}

struct vmbase_fdt vmb_fdt_describe(const void *blob)
{
	return (struct vmbase_fdt){
		.blob = blob,
		.size_bytes = fdt_totalsize(blob),
		.structure = fdt_off_dt_struct(blob),
		.structure_bytes = fdt_size_dt_struct(blob),
		.strings = fdt_off_dt_strings(blob),
		.strings_bytes = fdt_size_dt_strings(blob),
		.reservations = fdt_off_mem_rsvmap(blob),
	};
}

enum vmbase_error vmbase_fdt_open(struct vmbase_fdt *fdt, const void *blob, size_t max_bytes)
{
	struct vmbase_fdt found;
	enum vmbase_error error = check_header(blob, max_bytes);

	if (error != VMBASE_OK) {
		return error;
	}
	found = vmb_fdt_describe(blob);
	error = check_reservations(&found);
	if (error == VMBASE_OK) {
		error = strings_end(&found) ? check_structure(&found) : VMBASE_ERROR_CORRUPT;
	}
	if (error == VMBASE_OK) {
		*fdt = found;
	}
	return error;
}
