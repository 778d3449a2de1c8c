// SPDX-License-Identifier: Apache-2.0

// RAM and free RAM by the device tree (<vmbase/ram.h>).

#include <vmbase/ram.h>

#include "../../base/align.h"
#include "../../base/overlap.h"
#include "generic.h"

// Ranges that are not free, in addition to those that the tree reserves.
enum { IMAGE, TREE, INITRD, USED_COUNT };

// Removes used ranges from *range: those at its beginning, then all from the first other used range on.
static void trim(struct vmbase_range *range, const struct vmbase_range used[USED_COUNT])
{
	for (int i = 0; i < USED_COUNT; i++) {
		if (vmb_contains_address(used[i], range->begin)) {
			range->begin = used[i].end;
			// The new beginning may be in a range that has been checked already.
			i = -1;
		}
	}
	for (int i = 0; i < USED_COUNT; i++) {
		// The empty range { 0, 0 } overlaps nothing, even if *range begins at 0.
		if (vmb_overlap(*range, used[i])) {
			range->end = used[i].begin;
		}
	}
}

enum vmbase_error vmbase_ram_next(uintptr_t address, struct vmbase_range *range)
{
	const struct vmb_generic *generic = vmb_generic_found();

	return generic->has_tree ? vmbase_fdt_memory(&generic->tree, address, range) : VMBASE_ERROR_NOT_FOUND;
}

enum vmbase_error vmbase_ram_check(void)
{
	const struct vmb_generic *generic = vmb_generic_found();

	return generic->has_tree ? vmbase_fdt_check_memory(&generic->tree) : VMBASE_ERROR_NOT_FOUND;
}

enum vmbase_error vmbase_ram_next_free(uintptr_t address, struct vmbase_range *range)
{
	const struct vmb_generic *generic = vmb_generic_found();
	struct vmbase_range used[USED_COUNT] = { [IMAGE] = vmb_image_range(), [TREE] = generic->tree_range };

	if (!generic->has_tree) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (vmbase_fdt_initrd(&generic->tree, &used[INITRD]) != VMBASE_OK) {
		used[INITRD] = (struct vmbase_range){ 0, 0 };
	}
	for (;;) {
		struct vmbase_range found;
		enum vmbase_error error = vmbase_fdt_free_memory(&generic->tree, address, &found);

		if (error != VMBASE_OK) {
			return error;
		}
		// The address rises with each round, so that the loop ends.
		address = found.end;
		trim(&found, used);
		if (found.begin < found.end) {
			address = found.end;
			found.end = vmb_align_down(found.end, VMB_PAGE_SIZE);
		}
		// The start of the next page may be 2^64: compare distances instead.
		const uint64_t to_next_page = -found.begin % VMB_PAGE_SIZE;

		if (found.begin < found.end && found.end - found.begin > to_next_page) {
			found.begin += to_next_page;
			*range = found;
			return VMBASE_OK;
		}
	}
}
