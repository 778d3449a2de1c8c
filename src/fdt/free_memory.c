// SPDX-License-Identifier: Apache-2.0

// Finds RAM, and RAM that is not reserved. There is no memory for a sorted list, so each step walks the tree.

#include "../base/overlap.h"
#include "tree.h"

// Skips entries that cannot be read; vmbase_fdt_check_memory() reports them.
static bool next_memory(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
			struct vmbase_range *ram)
{
	enum vmbase_error error;

	do {
		error = vmbase_fdt_next_memory(fdt, iterator, ram);
	} while (error != VMBASE_OK && error != VMBASE_ERROR_NOT_FOUND);
	return error == VMBASE_OK;
}

static bool next_reserved(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
			  struct vmbase_fdt_reservation *reservation)
{
	enum vmbase_error error;

	do {
		error = vmbase_fdt_next_reserved(fdt, iterator, reservation);
	} while (error != VMBASE_OK && error != VMBASE_ERROR_NOT_FOUND);
	return error == VMBASE_OK;
}

// Limits the walks of the tree for one range. Ranges in ascending order need one walk in total.
#define WALKS_MAX 256

// Finds the lowest RAM above `address`.
static bool find_ram(const struct vmbase_fdt *fdt, uintptr_t address, struct vmbase_range *ram)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range each;
	bool found = false;

	while (next_memory(fdt, &iterator, &each)) {
		if (each.end > address && (!found || each.begin < ram->begin)) {
			*ram = each;
			found = true;
		}
	}
	return found;
}

// Extends RAM by other ranges that touch it. Returns whether another walk may find more.
static bool extend(const struct vmbase_fdt *fdt, struct vmbase_range *ram)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range each;
	bool moved = false;

	while (next_memory(fdt, &iterator, &each)) {
		if (vmb_contains_address(each, ram->end)) {
			ram->end = each.end;
			moved = true;
		}
	}
	return moved;
}

// Moves the beginning to the end of each reservation that contains it. If no reservation contains it, moves the
// end to the first reservation inside the range. Returns whether the beginning has moved.
static bool trim(const struct vmbase_fdt *fdt, struct vmbase_range *range)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation each;
	uintptr_t end = range->end;
	bool moved = false;

	while (next_reserved(fdt, &iterator, &each)) {
		if (vmb_contains_address(each.range, range->begin)) {
			range->begin = each.range.end;
			moved = true;
		} else if (vmb_contains_address(*range, each.range.begin) && each.range.begin < end) {
			end = each.range.begin;
		}
	}
	if (!moved) {
		range->end = end;
	}
	return moved;
}

// Finds the lowest RAM at or above `address`, reserved or not, in at most *walks walks of the tree.
static enum vmbase_error find_whole_ram(const struct vmbase_fdt *fdt, uintptr_t address, int *walks,
					struct vmbase_range *ram)
{
	bool found = false;

	while (--*walks > 0) {
		if (!found && !find_ram(fdt, address, ram)) {
			return VMBASE_ERROR_NOT_FOUND;
		}
		found = true;
		if (!extend(fdt, ram)) {
			ram->begin = ram->begin < address ? address : ram->begin;
			return VMBASE_OK;
		}
	}
	return VMBASE_ERROR_UNSUPPORTED;
}

enum vmbase_error vmbase_fdt_memory(const struct vmbase_fdt *fdt, uintptr_t address, struct vmbase_range *range)
{
	int walks = WALKS_MAX;
	struct vmbase_range ram;
	enum vmbase_error error = find_whole_ram(fdt, address, &walks, &ram);

	if (error == VMBASE_OK) {
		*range = ram;
	}
	return error;
}

enum vmbase_error vmbase_fdt_free_memory(const struct vmbase_fdt *fdt, uintptr_t address,
					 struct vmbase_range *range)
{
	struct vmbase_range ram = { 0, 0 };
	int walks = WALKS_MAX;

	while (--walks > 0) {
		if (ram.begin >= ram.end) {
			const enum vmbase_error error = find_whole_ram(fdt, address, &walks, &ram);

			if (error != VMBASE_OK) {
				return error;
			}
		}
		if (!trim(fdt, &ram)) {
			*range = ram;
			return VMBASE_OK;
		}
		address = ram.begin;
	}
	return VMBASE_ERROR_UNSUPPORTED;
}
