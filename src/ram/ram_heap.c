// SPDX-License-Identifier: Apache-2.0

// Makes all free RAM heap.

#include <vmbase/heap.h>
#include <vmbase/ram.h>
#include <vmbase/sharing.h>

#include "../tracker/tracker_state.h"

// The size of a piece: less than 2 GiB, because the heap makes two ranges of more, and whole blocks, so that
// pieces share no table.
#define PIECE_SIZE_MAX UINT64_C(0x7fe00000)

VMBASE_TABLE_POOL(tables, VMBASE_RAM_TABLES);

static struct vmbase_range intersection(struct vmbase_range a, struct vmbase_range b)
{
	return (struct vmbase_range){
		.begin = a.begin > b.begin ? a.begin : b.begin,
		.end = a.end < b.end ? a.end : b.end,
	};
}

_Static_assert(VMBASE_TRACKER_RAM_RANGES == VMB_RANGE_SET_MAX, "the header says how many there may be");

// Returns the whole pages of a range of RAM, within the addresses of the table.
static struct vmbase_range whole_pages(struct vmbase_range ram)
{
	ram = intersection(ram, VMB_TRACKER_ADDRESSES);
	if (ram.begin > ram.end) {
		return (struct vmbase_range){ 0, 0 };
	}
	ram.begin = vmb_align_up(ram.begin, VMBASE_PAGE_SIZE);
	ram.end = vmb_align_down(ram.end, VMBASE_PAGE_SIZE);
	return ram;
}

// Starts the tracker with all RAM. If a range fails, the others are added nevertheless, and the first error is
// returned.
static enum vmbase_error start_tracker(void)
{
	struct vmbase_range range = { 0, 0 };
	enum vmbase_error first_error = VMBASE_OK;

	while (vmbase_ram_next(range.end, &range) == VMBASE_OK) {
		const struct vmbase_range ram = whole_pages(range);
		enum vmbase_error error = VMBASE_OK;

		if (ram.begin < ram.end && vmbase_tracker_table() == NULL) {
			error = vmbase_tracker_start(ram, &tables);
			// The tree says that this range is RAM. The tracker accepts a larger range that only
			// may have RAM.
			error = error == VMBASE_OK ? vmbase_sharing_add_ram(ram) : error;
		} else if (ram.begin < ram.end) {
			error = vmbase_tracker_add_ram(ram);
		}
		first_error = first_error == VMBASE_OK ? error : first_error;
	}
	return first_error;
}

static enum vmbase_error remember_first(const struct vmbase_mapping *mapping, void *first)
{
	*(struct vmbase_range *)first = mapping->range;
	return VMBASE_ERROR_BUSY; // ends the walk
}

// Returns the first mapped part of a range, or an empty range at its end.
static struct vmbase_range first_mapped(struct vmbase_range range)
{
	struct vmbase_range first = { range.end, range.end };

	(void)vmbase_page_table_walk(vmbase_tracker_table(), range, remember_first, &first);
	return first;
}

static enum vmbase_error give_piece(struct vmbase_range piece)
{
	enum vmbase_error error = vmbase_tracker_map(piece, VMBASE_TRACKER_DATA_NOFLUSH);

	if (error != VMBASE_OK) {
		return error;
	}
	error = vmbase_heap_add(piece);
	if (error != VMBASE_OK) {
		// Unmapping exactly the range that was mapped needs no new table.
		(void)vmbase_tracker_unmap(piece);
	}
	return error;
}

// Gives the unmapped parts of a range to the heap, without the page at address 0, where null pointers have to
// fault. Sets *given if there was such a part, even if an error kept it from the heap.
static enum vmbase_error give(struct vmbase_range range, bool *given)
{
	enum vmbase_error error = VMBASE_OK;

	if (range.begin == 0) {
		range.begin = VMBASE_PAGE_SIZE;
	}
	while (error == VMBASE_OK && range.begin < range.end) {
		const struct vmbase_range mapped = first_mapped(range);
		struct vmbase_range piece = { range.begin, mapped.begin };

		range.begin = mapped.end;
		if (piece.end - piece.begin > PIECE_SIZE_MAX) {
			piece.end = piece.begin + PIECE_SIZE_MAX;
			range.begin = piece.end;
		}
		if (piece.begin < piece.end) {
			error = give_piece(piece);
			*given = true;
		}
	}
	return error;
}

// Gives the RAM in a range to the tracker.
static enum vmbase_error give_ram(struct vmbase_range range, bool *given)
{
	enum vmbase_error error = VMBASE_OK;

	for (size_t i = 0; i < vmb_tracker.ram.count && error == VMBASE_OK; i++) {
		error = give(intersection(range, vmb_tracker.ram.list[i]), given);
	}
	return error;
}

enum vmbase_error vmbase_ram_give_to_heap(void)
{
	const enum vmbase_error missing = vmbase_tracker_table() == NULL ? start_tracker() : VMBASE_OK;
	struct vmbase_range range = { 0, 0 };
	bool given = false;
	enum vmbase_error error = VMBASE_OK;

	if (vmbase_tracker_table() == NULL) {
		return missing == VMBASE_OK ? VMBASE_ERROR_NOT_FOUND : missing;
	}
	while (error == VMBASE_OK) {
		error = vmbase_ram_next_free(range.end, &range);
		if (error == VMBASE_OK) {
			error = give_ram(range, &given);
		}
	}
	if (error == VMBASE_ERROR_NOT_FOUND && (given || missing != VMBASE_OK)) {
		error = missing;
	}
	return error;
}
