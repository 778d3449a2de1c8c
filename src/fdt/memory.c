// SPDX-License-Identifier: Apache-2.0

// Lists RAM and reservations as the tree gives them.

#include "tree.h"

#include <string.h>

static const char restricted_dma_pool[] = "restricted-dma-pool";

// An index that no entry has. The iterator has returned all entries of its node.
#define NODE_DONE UINT32_MAX

// RAM is a child of the root with the device_type "memory", whatever its name is (Devicetree Specification,
// /memory node; Linux and U-Boot ignore the name too). A node with the name memory and without device_type is
// not RAM.
static bool is_memory(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node)
{
	const char *type;

	return node->depth == 1 && vmbase_fdt_string(fdt, node, "device_type", &type) == VMBASE_OK &&
	       strcmp(type, "memory") == 0 && vmbase_fdt_is_enabled(fdt, node);
}

// Reads the next entry of the node's reg that is not empty, and advances the iterator. After an error the node
// has no more entries: all have been read, the last one is cut off, or the bus has unsupported cells.
static enum vmbase_error next_area(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
				   struct vmb_fdt_area *area)
{
	enum vmbase_error error;

	if (iterator->index == NODE_DONE) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	do {
		error = vmb_fdt_read_reg(fdt, &iterator->node, iterator->index++, area);
	} while (error == VMBASE_OK && area->size == 0);
	if (error != VMBASE_OK) {
		iterator->index = NODE_DONE;
	}
	return error;
}

enum vmbase_error vmbase_fdt_next_memory(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					 struct vmbase_range *ram)
{
	if (iterator->node.depth == 0 && !vmb_fdt_begin_search(fdt->memory, &iterator->node)) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	for (;;) {
		if (is_memory(fdt, &iterator->node)) {
			struct vmb_fdt_area area;
			uint64_t end;
			enum vmbase_error error = next_area(fdt, iterator, &area);

			if (error == VMBASE_OK && __builtin_add_overflow(area.base, area.size, &end)) {
				return VMBASE_ERROR_OUT_OF_RANGE;
			}
			if (error == VMBASE_OK) {
				*ram = (struct vmbase_range){ .begin = area.base, .end = end };
			}
			if (error != VMBASE_ERROR_NOT_FOUND) {
				return error;
			}
		}
		if (!vmbase_fdt_next_node(fdt, &iterator->node)) {
			return VMBASE_ERROR_NOT_FOUND;
		}
		iterator->index = 0;
	}
}

// Reads an entry of the memory reservation block. Returns false at the end of the block.
static bool read_entry(const struct vmbase_fdt *fdt, uint32_t index, struct vmb_fdt_area *area)
{
	const unsigned char *entry = fdt->blob + fdt->reservations + index * sizeof(struct fdt_reserve_entry);

	area->base = vmb_fdt_load64(entry + offsetof(struct fdt_reserve_entry, address));
	area->size = vmb_fdt_load64(entry + offsetof(struct fdt_reserve_entry, size));
	return area->size != 0;
}

// Converts an area to a range. The end of a range that would wrap around is the last address, exclusive, as in
// Linux.
static struct vmbase_range reserved_range(struct vmb_fdt_area area)
{
	const uint64_t begin = area.base < UINT64_MAX ? area.base : UINT64_MAX - 1;
	const uint64_t room = UINT64_MAX - begin;

	return (struct vmbase_range){ begin, begin + (area.size < room ? area.size : room) };
}

// The addresses are the CPU's even if `ranges` is missing (reserved-memory.yaml requires an empty one).
static enum vmbase_error next_child_reserved(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					     struct vmbase_fdt_reservation *reservation)
{
	struct vmbase_fdt_node *node = &iterator->node;

	for (;;) {
		if (node->depth == 2 && vmbase_fdt_is_enabled(fdt, node)) {
			struct vmb_fdt_area area;
			enum vmbase_error error = next_area(fdt, iterator, &area);
			size_t size_bytes;

			if (error == VMBASE_OK) {
				*reservation = (struct vmbase_fdt_reservation){
					.range = reserved_range(area),
					.is_no_map =
						vmbase_fdt_property(fdt, node, "no-map", &size_bytes) != NULL,
					.is_restricted_dma_pool =
						vmbase_fdt_is_compatible(fdt, node, restricted_dma_pool),
				};
			}
			if (error != VMBASE_ERROR_NOT_FOUND) {
				return error;
			}
		}
		struct vmbase_fdt_node next = *node;

		if (!vmbase_fdt_next_node(fdt, &next) || next.depth < 2) {
			return VMBASE_ERROR_NOT_FOUND;
		}
		*node = next;
		iterator->index = 0;
	}
}

enum vmbase_error vmbase_fdt_next_reserved(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					   struct vmbase_fdt_reservation *reservation)
{
	// At the root the index counts entries of the memory reservation block.
	if (iterator->node.depth == 0) {
		struct vmb_fdt_area area;

		if (read_entry(fdt, iterator->index, &area)) {
			iterator->index++;
			*reservation = (struct vmbase_fdt_reservation){ .range = reserved_range(area) };
			return VMBASE_OK;
		}
		if (vmb_fdt_find_known(fdt, fdt->reserved_memory, "/reserved-memory", &iterator->node) !=
		    VMBASE_OK) {
			return VMBASE_ERROR_NOT_FOUND;
		}
		iterator->index = 0;
	}
	return next_child_reserved(fdt, iterator, reservation);
}

// Returns whether a child of the root has the name memory and no device_type.
static bool has_memory_without_type(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;
	size_t size_bytes;

	while (vmbase_fdt_next_node(fdt, &node)) {
		if (node.depth == 1 &&
		    vmb_fdt_is_name(vmbase_fdt_node_name(fdt, &node), "memory", strlen("memory")) &&
		    vmbase_fdt_property(fdt, &node, "device_type", &size_bytes) == NULL) {
			return true;
		}
	}
	return false;
}

enum vmbase_error vmbase_fdt_check_memory(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;
	struct vmbase_range ram;
	enum vmbase_error error;

	do {
		error = vmbase_fdt_next_memory(fdt, &iterator, &ram);
	} while (error == VMBASE_OK);
	if (error == VMBASE_ERROR_NOT_FOUND) {
		iterator = (struct vmbase_fdt_iterator){ 0 };
		do {
			error = vmbase_fdt_next_reserved(fdt, &iterator, &reservation);
		} while (error == VMBASE_OK);
	}
	if (error == VMBASE_ERROR_NOT_FOUND) {
		error = has_memory_without_type(fdt) ? VMBASE_ERROR_CORRUPT : VMBASE_OK;
	}
	return error;
}
