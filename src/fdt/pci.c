// SPDX-License-Identifier: Apache-2.0

// Reads host bridges of PCI and their windows.

#include "tree.h"

// A PCI address has three cells: the space, and an address of 64 bits (IEEE Std 1275 PCI bus binding, revision
// 2.1).
#define ADDRESS_CELLS 3
#define SIZE_CELLS 2
#define SPACE_SHIFT 24
#define SPACE_MASK 3
#define SPACE_PREFETCHABLE (UINT64_C(1) << 30)

#define BUSES 256
#define FUNCTIONS_PER_BUS UINT64_C(256)
#define ECAM_FUNCTION_BYTES 4096
#define CAM_FUNCTION_BYTES 256

// The meaning is whether the configuration space is ECAM.
static const struct vmb_fdt_match bridges[] = {
	{ "pci-host-ecam-generic", true },
	{ "pci-host-cam-generic", false },
};

enum vmbase_error vmbase_fdt_next_pci_host(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					   struct vmbase_fdt_pci_host *host)
{
	struct vmbase_fdt_pci_host found = { 0 };
	size_t size_bytes;
	const unsigned char *buses;
	uint64_t first = 0;
	uint64_t last = BUSES - 1;
	unsigned int is_ecam;
	enum vmbase_error error;

	do {
		if (!vmbase_fdt_next_node(fdt, &iterator->node)) {
			return VMBASE_ERROR_NOT_FOUND;
		}
	} while (!VMB_FDT_MATCH(fdt, &iterator->node, bridges, &is_ecam) ||
		 !vmbase_fdt_is_enabled(fdt, &iterator->node));

	found.node = iterator->node;
	found.is_ecam = is_ecam != 0;
	error = vmbase_fdt_reg(fdt, &found.node, 0, &found.configuration);
	if (error != VMBASE_OK) {
		return vmb_fdt_list_error(error);
	}
	const uint64_t bus_bytes =
		FUNCTIONS_PER_BUS * (found.is_ecam ? ECAM_FUNCTION_BYTES : CAM_FUNCTION_BYTES);
	const uint64_t configured = (found.configuration.end - found.configuration.begin) / bus_bytes;

	buses = vmbase_fdt_property(fdt, &found.node, "bus-range", &size_bytes);
	if (buses != NULL) {
		if (size_bytes < (size_t)2 * CELL_BYTES) {
			return VMBASE_ERROR_CORRUPT;
		}
		first = vmb_fdt_load32(buses);
		last = vmb_fdt_load32(buses + CELL_BYTES);
	}
	if (first > last || last >= BUSES || last - first >= configured) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	found.first_bus = (uint8_t)first;
	found.last_bus = (uint8_t)last;
	*host = found;
	return VMBASE_OK;
}

enum vmbase_error vmbase_fdt_pci_window(const struct vmbase_fdt *fdt, const struct vmbase_fdt_pci_host *host,
					uint32_t index, struct vmbase_fdt_pci_window *window)
{
	const struct vmbase_fdt_node outer = vmb_fdt_parent(&host->node);
	struct vmb_fdt_cells cells;
	struct vmb_fdt_cells outer_cells;
	struct vmb_fdt_area area;
	size_t size_bytes;
	const unsigned char *ranges = vmbase_fdt_property(fdt, &host->node, "ranges", &size_bytes);
	uint64_t end;
	enum vmbase_error error;

	if (ranges == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	error = vmb_fdt_cells(fdt, &host->node, &cells);
	if (error == VMBASE_OK) {
		error = vmb_fdt_cells(fdt, &outer, &outer_cells);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	if (cells.address != ADDRESS_CELLS || cells.size != SIZE_CELLS || outer_cells.address < 1 ||
	    outer_cells.address > 2) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	const size_t entry_bytes = (size_t)(ADDRESS_CELLS + outer_cells.address + SIZE_CELLS) * CELL_BYTES;

	if (index >= size_bytes / entry_bytes) {
		return index * entry_bytes < size_bytes ? VMBASE_ERROR_CORRUPT : VMBASE_ERROR_NOT_FOUND;
	}
	ranges += index * entry_bytes;
	const uint64_t space = vmb_fdt_load32(ranges);
	const uint64_t bus_address = vmb_fdt_number(ranges + CELL_BYTES, 2);

	ranges += (size_t)ADDRESS_CELLS * CELL_BYTES;
	area.base = vmb_fdt_number(ranges, outer_cells.address);
	area.size = vmb_fdt_number(ranges + (size_t)outer_cells.address * CELL_BYTES, SIZE_CELLS);
	if ((space >> SPACE_SHIFT & SPACE_MASK) == 0) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	if (area.size == 0 || __builtin_add_overflow(bus_address, area.size, &end) ||
	    __builtin_add_overflow(area.base, area.size, &end)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	error = vmb_fdt_translate(fdt, &outer, &area);
	if (error == VMBASE_OK) {
		*window = (struct vmbase_fdt_pci_window){
			.space = (enum vmbase_fdt_pci_space)(space >> SPACE_SHIFT & SPACE_MASK),
			.is_prefetchable = (space & SPACE_PREFETCHABLE) != 0,
			.bus_address = bus_address,
			.range = { .begin = area.base, .end = area.base + area.size },
		};
	}
	return error;
}
