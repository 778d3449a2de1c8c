// SPDX-License-Identifier: Apache-2.0

// Reads the address ranges of a node and translates them to the CPU's addresses.

#include "tree.h"

#define CELLS_MAX 2

// Reads the cells of a bus whose addresses and sizes fit 64 bits.
static enum vmbase_error supported_cells(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
					 struct vmb_fdt_cells *cells)
{
	enum vmbase_error error = vmb_fdt_cells(fdt, bus, cells);

	if (error != VMBASE_OK) {
		return error;
	}
	return cells->address >= 1 && cells->address <= CELLS_MAX && cells->size <= CELLS_MAX
		       ? VMBASE_OK
		       : VMBASE_ERROR_UNSUPPORTED;
}

// Translates an area of a bus to an area of the bus that contains it.
static enum vmbase_error translate_once(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
					struct vmb_fdt_area *area)
{
	const struct vmbase_fdt_node outer = vmb_fdt_parent(bus);
	struct vmb_fdt_cells cells;
	struct vmb_fdt_cells outer_cells;
	size_t size_bytes;
	const unsigned char *ranges = vmbase_fdt_property(fdt, bus, "ranges", &size_bytes);
	enum vmbase_error error;

	if (ranges == NULL) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	if (size_bytes == 0) {
		return VMBASE_OK;
	}
	error = supported_cells(fdt, bus, &cells);
	if (error == VMBASE_OK) {
		error = supported_cells(fdt, &outer, &outer_cells);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	const size_t entry_bytes = (size_t)(cells.address + outer_cells.address + cells.size) * CELL_BYTES;

	// Ignores an incomplete entry at the end.
	for (const unsigned char *entry = ranges; size_bytes >= entry_bytes;
	     entry += entry_bytes, size_bytes -= entry_bytes) {
		const unsigned char *outer_entry = entry + (size_t)cells.address * CELL_BYTES;
		const uint64_t begin = vmb_fdt_number(entry, cells.address);
		const uint64_t outer_begin = vmb_fdt_number(outer_entry, outer_cells.address);
		const uint64_t size =
			vmb_fdt_number(outer_entry + (size_t)outer_cells.address * CELL_BYTES, cells.size);
		const uint64_t offset = area->base - begin;
		uint64_t end;

		if (area->base < begin || offset > size || area->size > size - offset) {
			continue;
		}
		if (__builtin_add_overflow(outer_begin, offset, &area->base) ||
		    __builtin_add_overflow(area->base, area->size, &end)) {
			return VMBASE_ERROR_OUT_OF_RANGE;
		}
		return VMBASE_OK;
	}
	return VMBASE_ERROR_OUT_OF_RANGE;
}

enum vmbase_error vmb_fdt_translate(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *bus,
				    struct vmb_fdt_area *area)
{
	struct vmbase_fdt_node each = *bus;
	enum vmbase_error error = VMBASE_OK;

	while (error == VMBASE_OK && each.depth > 0) {
		error = translate_once(fdt, &each, area);
		each.depth--;
	}
	return error;
}

enum vmbase_error vmb_fdt_read_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				   uint32_t index, struct vmb_fdt_area *area)
{
	size_t size_bytes;
	const unsigned char *reg = vmbase_fdt_property(fdt, node, "reg", &size_bytes);
	struct vmbase_fdt_node bus;
	struct vmb_fdt_cells cells;
	enum vmbase_error error;

	if (reg == NULL || node->depth == 0) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	bus = vmb_fdt_parent(node);
	error = supported_cells(fdt, &bus, &cells);
	if (error != VMBASE_OK) {
		return error;
	}
	const size_t entry_bytes = (size_t)(cells.address + cells.size) * CELL_BYTES;
	const size_t offset = index * entry_bytes;

	if (offset >= size_bytes) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (size_bytes - offset < entry_bytes) {
		return VMBASE_ERROR_CORRUPT;
	}
	reg += offset;
	area->base = vmb_fdt_number(reg, cells.address);
	area->size = vmb_fdt_number(reg + (size_t)cells.address * CELL_BYTES, cells.size);
	return VMBASE_OK;
}

enum vmbase_error vmb_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node, uint32_t index,
			      struct vmb_fdt_area *area)
{
	struct vmb_fdt_area found;
	enum vmbase_error error = vmb_fdt_read_reg(fdt, node, index, &found);
	uint64_t end;

	if (error != VMBASE_OK) {
		return error;
	}
	if (__builtin_add_overflow(found.base, found.size, &end)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	const struct vmbase_fdt_node bus = vmb_fdt_parent(node);

	error = vmb_fdt_translate(fdt, &bus, &found);
	if (error == VMBASE_OK) {
		*area = found;
	}
	return error;
}

enum vmbase_error vmbase_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				 uint32_t index, struct vmbase_range *range)
{
	struct vmb_fdt_area area;
	enum vmbase_error error = vmb_fdt_reg(fdt, node, index, &area);

	if (error != VMBASE_OK) {
		return error;
	}
	if (area.size == 0) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	*range = (struct vmbase_range){ .begin = area.base, .end = area.base + area.size };
	return VMBASE_OK;
}
