// SPDX-License-Identifier: Apache-2.0

// RAM that is not reserved. There is no room for a sorted list, so the tree is walked for each step.

#include "../memory/range.h"
#include "tree.h"

// How often the tree is walked for one range. Ranges that come in ascending order take one walk for all.
#define WALKS_MAX 256

// Finds the lowest RAM above `address`. *found is false where there is none.
static enum vmbase_error find_ram(const struct vmbase_fdt *fdt, uintptr_t address, struct vmbase_range *ram,
				  bool *found)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range each;
	enum vmbase_error error;

	*found = false;
	while ((error = vmbase_fdt_next_memory(fdt, &iterator, &each)) == VMBASE_OK) {
		if (each.end > address && (!*found || each.begin < ram->begin)) {
			*ram = each;
			*found = true;
		}
	}
	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_OK : error;
}

// Makes RAM as large as other ranges that touch it allow. *moved says whether another walk may find more.
static enum vmbase_error extend(const struct vmbase_fdt *fdt, struct vmbase_range *ram, bool *moved)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range each;
	enum vmbase_error error;

	*moved = false;
	while ((error = vmbase_fdt_next_memory(fdt, &iterator, &each)) == VMBASE_OK) {
		if (vmb_contains_address(each, ram->end)) {
			ram->end = each.end;
			*moved = true;
		}
	}
	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_OK : error;
}

// Moves the beginning behind reservations that it is in, or else the end before the first reservation inside.
static enum vmbase_error trim(const struct vmbase_fdt *fdt, struct vmbase_range *range, bool *moved)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation each;
	uintptr_t end = range->end;
	enum vmbase_error error;

	*moved = false;
	while ((error = vmbase_fdt_next_reserved(fdt, &iterator, &each)) == VMBASE_OK) {
		if (vmb_contains_address(each.range, range->begin)) {
			range->begin = each.range.end;
			*moved = true;
		} else if (vmb_contains_address(*range, each.range.begin) && each.range.begin < end) {
			end = each.range.begin;
		}
	}
	if (!*moved) {
		range->end = end;
	}
	return error == VMBASE_ERROR_NOT_FOUND ? VMBASE_OK : error;
}

enum vmbase_error vmbase_fdt_free_memory(const struct vmbase_fdt *fdt, uintptr_t address,
					 struct vmbase_range *range)
{
	struct vmbase_range ram;
	enum { FIND, EXTEND, TRIM } step = FIND;

	for (int walk = 0; walk < WALKS_MAX; walk++) {
		enum vmbase_error error = VMBASE_OK;
		bool moved = true;

		switch (step) {
		case FIND:
			error = find_ram(fdt, address, &ram, &moved);
			if (error == VMBASE_OK && !moved) {
				return VMBASE_ERROR_NOT_FOUND;
			}
			step = EXTEND;
			break;
		case EXTEND:
			error = extend(fdt, &ram, &moved);
			if (error == VMBASE_OK && !moved) {
				ram.begin = ram.begin < address ? address : ram.begin;
				step = TRIM;
			}
			break;
		case TRIM:
			error = trim(fdt, &ram, &moved);
			if (error == VMBASE_OK && !moved) {
				*range = ram;
				return VMBASE_OK;
			}
			if (ram.begin >= ram.end) {
				address = ram.begin;
				step = FIND;
			}
			break;
		}
		if (error != VMBASE_OK) {
			return error;
		}
	}
	return VMBASE_ERROR_UNSUPPORTED;
}
