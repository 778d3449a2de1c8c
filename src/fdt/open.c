// SPDX-License-Identifier: Apache-2.0

// Checks a whole tree once. Refuses a tree that would lead a reader out of the blob or hide a part of the
// machine. Accepts other oddities, as Linux and U-Boot do: a root with a name, properties after nodes,
// properties without a name, nodes that are too deep, bytes after the root's end.
//
// libfdt's fdt_check_full() is not used: it refuses these oddities, does not limit the depth, and takes nine
// times as long. The one of libfdt 1.6 can be made to read through NULL.

#include "tree.h"

// Up to version 15, nodes have names of another form. Version 17 adds the size of the structure block.
#define VERSION_MIN 16
#define VERSION_WITH_STRUCTURE_SIZE 17
#define VERSION_READ 17

// The size of the oldest version's header. No block may overlap the header.
#define HEADER_BYTES offsetof(struct fdt_header, size_dt_struct)

static bool is_inside(const struct vmbase_fdt *fdt, uint32_t offset, uint32_t size_bytes)
{
	return offset >= HEADER_BYTES && offset <= fdt->size_bytes && size_bytes <= fdt->size_bytes - offset;
}

static enum vmbase_error check_header(struct vmbase_fdt *fdt, const void *blob, size_t max_bytes)
{
	const struct fdt_header *header = blob;

	if (header == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if ((uintptr_t)header % 8 != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	if (max_bytes < sizeof(*header)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (vmb_fdt_load32(&header->magic) != FDT_MAGIC) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	const uint32_t version = vmb_fdt_load32(&header->version);

	if (version < VERSION_MIN || vmb_fdt_load32(&header->last_comp_version) > VERSION_READ) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	*fdt = vmb_fdt_describe(blob);
	if (version < VERSION_WITH_STRUCTURE_SIZE) {
		fdt->structure_bytes = fdt->size_bytes - fdt->structure;
	}
	if (fdt->size_bytes > max_bytes || !is_inside(fdt, fdt->structure, fdt->structure_bytes) ||
	    !is_inside(fdt, fdt->strings, fdt->strings_bytes) || !is_inside(fdt, fdt->reservations, 0)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	// <vmbase/fdt.h> promises that values are aligned to 4, so the block must be.
	return fdt->structure % CELL_BYTES == 0 ? VMBASE_OK : VMBASE_ERROR_UNALIGNED;
}

// Checks that an entry of size 0 ends the memory reservation block. The block has no size: without this entry a
// reader would take the following bytes for entries.
static enum vmbase_error check_reservations(const struct vmbase_fdt *fdt)
{
	for (uint64_t offset = fdt->reservations; offset + sizeof(struct fdt_reserve_entry) <= fdt->size_bytes;
	     offset += sizeof(struct fdt_reserve_entry)) {
		if (vmb_fdt_load64(fdt->blob + offset + offsetof(struct fdt_reserve_entry, size)) == 0) {
			return VMBASE_OK;
		}
	}
	return VMBASE_ERROR_OUT_OF_RANGE;
}

// Remembers a child of the root that is searched for by name.
static void remember_name(struct vmbase_fdt *fdt, uint32_t offset)
{
	const char *name = (const char *)fdt->blob + fdt->structure + offset + FDT_TAGSIZE;

	if (fdt->chosen == 0 && vmb_fdt_is_name(name, "chosen", strlen("chosen"))) {
		fdt->chosen = offset;
	} else if (fdt->reserved_memory == 0 &&
		   vmb_fdt_is_name(name, "reserved-memory", strlen("reserved-memory"))) {
		fdt->reserved_memory = offset;
	}
}

// Remembers the child of the root that is the first RAM, or that is or contains the first PSCI node.
static void remember_property(struct vmbase_fdt *fdt, const struct fdt_property *property, uint32_t depth,
			      uint32_t offset)
{
	const uint32_t size_bytes = vmb_fdt_load32(&property->len);

	if (fdt->memory == 0 && depth == 1 && VMB_FDT_IS_NAMED(fdt, property, "device_type") &&
	    vmb_fdt_list_has(property->data, size_bytes, "memory")) {
		fdt->memory = offset;
	} else if (fdt->psci == 0 && VMB_FDT_IS_NAMED(fdt, property, "compatible") &&
		   vmb_fdt_is_psci(property->data, size_bytes)) {
		fdt->psci = offset;
	}
}

static enum vmbase_error check_structure(struct vmbase_fdt *fdt)
{
	const unsigned char *block = fdt->blob + fdt->structure;
	uint32_t depth = 0;
	uint64_t next = 0;
	// The current child of the root.
	uint32_t child = 0;

	fdt->chosen = 0;
	fdt->reserved_memory = 0;
	fdt->memory = 0;
	fdt->psci = 0;
	do {
		const uint64_t offset = next;
		const uint32_t tag = vmb_fdt_step(block, fdt->structure_bytes, &next);

		// The root comes first.
		if (offset == 0 && tag != FDT_BEGIN_NODE) {
			return VMBASE_ERROR_CORRUPT;
		}
		switch (tag) {
		case FDT_PROP:
			if (depth > 1) {
				remember_property(fdt, (const void *)(block + offset), depth - 1, child);
			}
			break;
		case FDT_BEGIN_NODE:
			if (depth == 1) {
				child = (uint32_t)offset;
				remember_name(fdt, child);
			}
			depth++;
			break;
		case FDT_END_NODE:
			depth--;
			break;
		case FDT_NOP:
			break;
		default:
			return VMBASE_ERROR_CORRUPT;
		}
	} while (depth > 0);
	return VMBASE_OK;
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
		.memory = VMB_FDT_UNKNOWN,
		.psci = VMB_FDT_UNKNOWN,
	};
}

enum vmbase_error vmbase_fdt_open(struct vmbase_fdt *fdt, const void *blob, size_t max_bytes)
{
	struct vmbase_fdt found;
	enum vmbase_error error = check_header(&found, blob, max_bytes);

	if (error == VMBASE_OK) {
		error = check_reservations(&found);
	}
	if (error == VMBASE_OK) {
		error = check_structure(&found);
	}
	if (error == VMBASE_OK) {
		*fdt = found;
	}
	return error;
}
