// SPDX-License-Identifier: Apache-2.0

// Finds the interrupt controller, a device's interrupts, the timer, and virtio-mmio transports.

#include "tree.h"

#include <string.h>

// An interrupt in the GIC's binding (interrupt-controller/arm,gic-v3.yaml) has a kind, a number, and flags.
#define GIC_CELLS 3
#define KIND_SPI 0
#define KIND_PPI 1
#define FLAGS_EDGE 3 // rising or falling
#define INTID_PPI 16
#define INTID_SPI 32
#define PPIS 16
#define SPIS 988

// The meaning is the GIC's version.
static const struct vmb_fdt_match gics[] = {
	{ "arm,gic-v3", 3 },        { "arm,cortex-a15-gic", 2 }, { "arm,gic-400", 2 },
	{ "arm,cortex-a9-gic", 2 }, { "arm,cortex-a7-gic", 2 },
};

enum vmbase_error vmbase_fdt_gic(const struct vmbase_fdt *fdt, struct vmbase_fdt_gic *gic)
{
	struct vmbase_fdt_gic found = { .node = VMBASE_FDT_ROOT };
	enum vmbase_error error;

	do {
		if (!vmbase_fdt_next_node(fdt, &found.node)) {
			return VMBASE_ERROR_NOT_FOUND;
		}
	} while (!VMB_FDT_MATCH(fdt, &found.node, gics, &found.version) ||
		 !vmbase_fdt_is_enabled(fdt, &found.node));

	error = vmbase_fdt_reg(fdt, &found.node, 0, &found.distributor);
	if (error != VMBASE_OK) {
		return error;
	}
	if (found.version == 2) {
		error = vmbase_fdt_reg(fdt, &found.node, 1, &found.cpu_interface);
	} else {
		found.redistributor_regions = 1;
		if (vmbase_fdt_u32(fdt, &found.node, "#redistributor-regions", &found.redistributor_regions) ==
		    VMBASE_ERROR_CORRUPT) {
			return VMBASE_ERROR_CORRUPT;
		}
		error = vmbase_fdt_reg(fdt, &found.node, 1, &found.redistributors);
	}
	if (error == VMBASE_OK) {
		*gic = found;
	}
	return error;
}

// Finds a node's interrupt parent. Searches from the node outwards. The search ends at the first node with an
// interrupt-parent, which names the result, or at the first enclosing node that is itself an interrupt
// controller.
static enum vmbase_error find_interrupt_parent(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
					       struct vmbase_fdt_node *parent)
{
	struct vmbase_fdt_node each = *node;
	uint32_t phandle;
	size_t size_bytes;

	for (;;) {
		switch (vmbase_fdt_u32(fdt, &each, "interrupt-parent", &phandle)) {
		case VMBASE_OK:
			return vmbase_fdt_find_phandle(fdt, phandle, parent) == VMBASE_OK
				       ? VMBASE_OK
				       : VMBASE_ERROR_CORRUPT;
		case VMBASE_ERROR_NOT_FOUND:
			break;
		default:
			return VMBASE_ERROR_CORRUPT;
		}
		if (each.depth == 0) {
			return VMBASE_ERROR_CORRUPT;
		}
		each.depth--;
		if (vmbase_fdt_property(fdt, &each, "interrupt-controller", &size_bytes) != NULL) {
			*parent = each;
			return VMBASE_OK;
		}
	}
}

enum vmbase_error vmbase_fdt_interrupt(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				       uint32_t index, struct vmbase_fdt_interrupt *interrupt)
{
	struct vmbase_fdt_node parent;
	size_t size_bytes;
	const unsigned char *entries = vmbase_fdt_property(fdt, node, "interrupts", &size_bytes);
	unsigned int version;
	uint32_t cells;
	enum vmbase_error error;

	if (entries == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	error = find_interrupt_parent(fdt, node, &parent);
	if (error != VMBASE_OK) {
		return error;
	}
	// The parent's own interrupt-parent is not followed: it may name the parent itself.
	if (!VMB_FDT_MATCH(fdt, &parent, gics, &version) ||
	    vmbase_fdt_u32(fdt, &parent, "#interrupt-cells", &cells) != VMBASE_OK || cells < GIC_CELLS ||
	    cells > GIC_CELLS + 1) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	const size_t entry_bytes = (size_t)cells * CELL_BYTES;

	if (index >= size_bytes / entry_bytes) {
		return index * entry_bytes < size_bytes ? VMBASE_ERROR_CORRUPT : VMBASE_ERROR_NOT_FOUND;
	}
	entries += index * entry_bytes;
	const uint64_t kind = vmb_fdt_load32(entries);
	const uint64_t number = vmb_fdt_load32(entries + CELL_BYTES);
	const uint64_t flags = vmb_fdt_load32(entries + (size_t)2 * CELL_BYTES);

	if (kind > KIND_PPI) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	if (number >= (kind == KIND_SPI ? SPIS : PPIS)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	*interrupt = (struct vmbase_fdt_interrupt){
		.intid = (uint32_t)number + (kind == KIND_SPI ? INTID_SPI : INTID_PPI),
		.is_edge_triggered = (flags & FLAGS_EDGE) != 0,
	};
	return VMBASE_OK;
}

// The indexes of the timer's interrupts, unless interrupt-names gives another order
// (timer/arm,arch_timer.yaml).
#define TIMER_PHYSICAL_EL1 1
#define TIMER_VIRTUAL_EL1 2

static const struct vmb_fdt_match timers[] = {
	{ "arm,armv8-timer", 0 },
	{ "arm,armv7-timer", 0 },
};

static enum vmbase_error timer_interrupt(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
					 const char *name, uint32_t index,
					 struct vmbase_fdt_interrupt *interrupt)
{
	size_t size_bytes;
	const char *names = vmbase_fdt_property(fdt, node, "interrupt-names", &size_bytes);

	if (names != NULL && !vmb_fdt_list_index(names, size_bytes, name, &index)) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	return vmbase_fdt_interrupt(fdt, node, index, interrupt);
}

enum vmbase_error vmbase_fdt_timer(const struct vmbase_fdt *fdt, struct vmbase_fdt_timer *timer)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;
	struct vmbase_fdt_timer found;
	unsigned int meaning;
	enum vmbase_error error;

	do {
		if (!vmbase_fdt_next_node(fdt, &node)) {
			return VMBASE_ERROR_NOT_FOUND;
		}
	} while (!VMB_FDT_MATCH(fdt, &node, timers, &meaning) || !vmbase_fdt_is_enabled(fdt, &node));

	error = timer_interrupt(fdt, &node, "phys", TIMER_PHYSICAL_EL1, &found.physical_el1);
	if (error == VMBASE_OK) {
		error = timer_interrupt(fdt, &node, "virt", TIMER_VIRTUAL_EL1, &found.virtual_el1);
	}
	if (error == VMBASE_OK) {
		*timer = found;
	}
	return error;
}

enum vmbase_error vmbase_fdt_next_virtio_mmio(const struct vmbase_fdt *fdt,
					      struct vmbase_fdt_iterator *iterator,
					      struct vmbase_fdt_virtio_mmio *virtio)
{
	struct vmbase_fdt_virtio_mmio found;
	enum vmbase_error error;

	do {
		if (!vmbase_fdt_next_compatible(fdt, &iterator->node, "virtio,mmio")) {
			return VMBASE_ERROR_NOT_FOUND;
		}
	} while (!vmbase_fdt_is_enabled(fdt, &iterator->node));

	error = vmbase_fdt_reg(fdt, &iterator->node, 0, &found.registers);
	if (error == VMBASE_OK) {
		error = vmbase_fdt_interrupt(fdt, &iterator->node, 0, &found.interrupt);
	}
	if (error == VMBASE_OK) {
		*virtio = found;
	}
	return vmb_fdt_list_error(error);
}
