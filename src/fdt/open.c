// SPDX-License-Identifier: Apache-2.0

// Looks at a whole tree once. libfdt's fdt_check_full() does not serve: it has no bound for depth, takes nine
// times as long, and that of libfdt 1.6 can be made to read through NULL.

#include "tree.h"

#include <string.h>

// The version that all VMMs write, and the first that says how large the structure block is.
#define VERSION 17

static enum vmbase_error check_header(const struct fdt_header *header, size_t max_bytes)
{
	if (header == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if ((uintptr_t)header % 8 != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	if (max_bytes < sizeof(*header)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	// What is no tree has no version either.
	if (vmb_fdt_load32(&header->magic) == FDT_MAGIC && vmb_fdt_load32(&header->version) < VERSION) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	return vmb_fdt_error(fdt_check_header(header));
}

// The memory reservation block has no size: an entry of size 0 ends it.
static enum vmbase_error check_reservations(const struct vmbase_fdt *fdt)
{
	for (uint64_t offset = fdt->reservations; offset + sizeof(struct fdt_reserve_entry) <= fdt->size_bytes;
	     offset += sizeof(struct fdt_reserve_entry)) {
		const struct fdt_reserve_entry *entry = (const void *)(fdt->blob + offset);

		if (vmb_fdt_load64(&entry->size) == 0) {
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

// Remembers a node in the root that is asked for often.
static void remember(struct vmbase_fdt *fdt, uint32_t offset)
{
	const char *name = (const char *)fdt->blob + fdt->structure + offset + FDT_TAGSIZE;

	if (fdt->chosen == 0 && strcmp(name, "chosen") == 0) {
		fdt->chosen = offset;
	} else if (fdt->reserved_memory == 0 && strcmp(name, "reserved-memory") == 0) {
		fdt->reserved_memory = offset;
	}
}

static enum vmbase_error check_structure(struct vmbase_fdt *fdt)
{
	const unsigned char *block = fdt->blob + fdt->structure;
	uint32_t depth = 0;
	uint64_t next = 0;
	// Behind a node inside there are no more properties.
	bool takes_properties = false;

	fdt->chosen = 0;
	fdt->reserved_memory = 0;
	for (;;) {
		const uint64_t offset = next;
		const uint32_t tag = vmb_fdt_step(block, fdt->structure_bytes, &next);

		// The root is at the beginning, and alone.
		if (depth == 0 && tag != (offset == 0 ? FDT_BEGIN_NODE : FDT_NOP)) {
			return offset != 0 && tag == FDT_END ? VMBASE_OK : VMBASE_ERROR_CORRUPT;
		}
		switch (tag) {
		case FDT_PROP: {
			const struct fdt_property *property = (const void *)(block + offset);

			if (!takes_properties || vmb_fdt_load32(&property->nameoff) >= fdt->strings_bytes) {
				return VMBASE_ERROR_CORRUPT;
			}
			break;
		}
		case FDT_BEGIN_NODE:
			// The root's name is empty.
			if (depth == 0 && block[FDT_TAGSIZE] != '\0') {
				return VMBASE_ERROR_CORRUPT;
			}
			if (depth == VMBASE_FDT_DEPTH) {
				return VMBASE_ERROR_UNSUPPORTED;
			}
			if (depth == 1) {
				remember(fdt, (uint32_t)offset);
			}
			depth++;
			takes_properties = true;
			break;
		case FDT_END_NODE:
			depth--;
			takes_properties = false;
			break;
		case FDT_NOP:
			break;
		default:
			return VMBASE_ERROR_CORRUPT;
		}
	}
}

struct vmbase_fdt vmb_fdt_describe(const void *blob)
{
	const struct fdt_header *header = blob;

	return (struct vmbase_fdt){
		.blob = blob,
		.size_bytes = vmb_fdt_load32(&header->totalsize),
		.structure = vmb_fdt_load32(&header->off_dt_struct),
		.structure_bytes = vmb_fdt_load32(&header->size_dt_struct),
		.strings = vmb_fdt_load32(&header->off_dt_strings),
		.strings_bytes = vmb_fdt_load32(&header->size_dt_strings),
		.reservations = vmb_fdt_load32(&header->off_mem_rsvmap),
		.chosen = VMB_FDT_UNKNOWN,
		.reserved_memory = VMB_FDT_UNKNOWN,
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
	if (found.size_bytes > max_bytes) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (found.structure % CELL_BYTES != 0 || found.reservations % sizeof(uint64_t) != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	error = check_reservations(&found);
	if (error == VMBASE_OK) {
		error = strings_end(&found) ? check_structure(&found) : VMBASE_ERROR_CORRUPT;
	}
	if (error == VMBASE_OK) {
		*fdt = found;
	}
	return error;
}
