// SPDX-License-Identifier: Apache-2.0

// RAM, and what of it is reserved.

#include "tree.h"

#include <string.h>

static const char memory_name[] = "memory";
static const char restricted_dma_pool[] = "restricted-dma-pool";

static bool is_memory(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node)
{
	const char *type;

	return node->depth == 1 && vmb_fdt_has_name(fdt, node, memory_name, sizeof(memory_name) - 1) &&
	       vmbase_fdt_string(fdt, node, "device_type", &type) == VMBASE_OK &&
	       strcmp(type, memory_name) == 0 && vmbase_fdt_is_enabled(fdt, node);
}

// Gives the next entry of the node's reg that is not empty, and moves *index behind it.
static enum vmbase_error next_area(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				   uint32_t *index, struct vmbase_range *range)
{
	struct vmb_fdt_area area;
	enum vmbase_error error;

	do {
		error = vmb_fdt_reg(fdt, node, (*index)++, &area);
	} while (error == VMBASE_OK && area.size == 0);
	if (error == VMBASE_OK) {
		*range = (struct vmbase_range){ .begin = area.base, .end = area.base + area.size };
	}
	return error;
}

enum vmbase_error vmbase_fdt_next_memory(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					 struct vmbase_range *ram)
{
	for (;;) {
		if (is_memory(fdt, &iterator->node)) {
			enum vmbase_error error = next_area(fdt, &iterator->node, &iterator->index, ram);

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

// Reads an entry of the memory reservation block. False where the block ends.
static bool read_entry(const struct vmbase_fdt *fdt, uint32_t index, struct vmb_fdt_area *area)
{
	const struct fdt_reserve_entry *entry =
		(const struct fdt_reserve_entry *)(const void *)(fdt->blob + fdt->reservations) + index;

	area->base = vmb_fdt_load64(&entry->address);
	area->size = vmb_fdt_load64(&entry->size);
	return area->size != 0;
}

static enum vmbase_error next_child_reserved(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					     struct vmbase_fdt_reservation *reservation)
{
	struct vmbase_fdt_node *node = &iterator->node;

	for (;;) {
		if (node->depth == 2 && vmbase_fdt_is_enabled(fdt, node)) {
			struct vmbase_range range;
			enum vmbase_error error = next_area(fdt, node, &iterator->index, &range);
			size_t size_bytes;

			if (error == VMBASE_OK) {
				*reservation = (struct vmbase_fdt_reservation){
					.range = range,
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
	// At the root the index counts entries of the block.
	if (iterator->node.depth == 0) {
		struct vmb_fdt_area area;
		uint64_t end;

		if (read_entry(fdt, iterator->index, &area)) {
			iterator->index++;
			if (__builtin_add_overflow(area.base, area.size, &end)) {
				return VMBASE_ERROR_OUT_OF_RANGE;
			}
			*reservation = (struct vmbase_fdt_reservation){
				.range = { .begin = area.base, .end = end },
			};
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
