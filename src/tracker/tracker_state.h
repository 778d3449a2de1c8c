// SPDX-License-Identifier: Apache-2.0

// What the files of the memory tracker share. The page table is all that it knows of ranges: RAM is RODATA,
// DATA or DATA_TRACKED there, a device DEVICE_LAZY before its first access and DEVICE afterwards.

#ifndef VMB_TRACKER_STATE_H
#define VMB_TRACKER_STATE_H

#include "../base/range_set.h"
#include "../page_table/table.h"
#include "static_map.h"

#include <vmbase/tracker.h>

#include <stdatomic.h>

struct vmb_tracker {
	struct vmbase_page_table table; // active as long as the tracker is
	struct vmbase_table_pages source;
	struct vmb_range_set ram;
	struct vmb_static_map static_map;
	struct vmb_shared_pages *shared; // pages of devices that have several users; NULL if there are none
	// A function is at work. Handlers look at it at any moment.
	atomic_bool is_busy;
};
extern struct vmb_tracker vmb_tracker;

// Whether a range is variables of the image, and whether any of it is the image's own.
static inline bool vmb_is_image_data(struct vmbase_range range)
{
	return vmb_contains(vmb_tracker.static_map.data, range) ||
	       vmb_contains(vmb_tracker.static_map.noinit, range);
}

static inline bool vmb_overlaps_image(struct vmbase_range range)
{
	return vmb_overlap(range, vmb_tracker.static_map.writable) ||
	       vmb_overlap(range, vmb_tracker.static_map.noinit);
}

// All addresses that the table has.
#define VMB_TRACKER_ADDRESSES ((struct vmbase_range){ 0, UINT64_C(1) << VMBASE_TRACKER_VA_BITS })

// What is between the two is not interrupted, nor called from within itself. After an error from the first
// there is no second. `interrupts` belongs to the call: what was masked before it.
enum vmbase_error vmb_tracker_begin(uint64_t *interrupts);
void vmb_tracker_end(uint64_t interrupts);

// ranges.c

// Writes back what is dirty in all RAM.
enum vmbase_error vmb_tracker_flush(void);

// start.c

// Maps what the static map has, and the console, into a table that is new, and is of no use after an error.
enum vmbase_error vmb_tracker_map_static(void);

// tracker.c

// Gives a page of a source that tables, and what is as they are, may lie in, or NULL.
void *vmb_tracker_allocate(const struct vmbase_table_pages *source);

// users.c

// Maps a range of devices of which some is mapped already, as devices: that has one user more then. After an
// error all is as it was.
//
// VMBASE_ERROR_OVERLAP: some of it is mapped as something else.
// VMBASE_ERROR_NO_MEMORY, VMBASE_ERROR_UNALIGNED: as vmbase_page_table_map(), or the users cannot be counted.
enum vmbase_error vmb_tracker_map_again(struct vmbase_range range);

// Unmaps what has one user in a range, and takes one from what has several.
enum vmbase_error vmb_tracker_remove_users(struct vmbase_range range);

// Where in a range the first page is that has several users; its end, if there is none.
uintptr_t vmb_tracker_next_shared(uintptr_t begin, uintptr_t end);

// Forgets that pages have several users.
void vmb_tracker_forget_users(void);

// guard.c

// Tells the MMIO guard of the granule of an address, whose page is about to become DEVICE, unless it knows of
// it.
enum vmbase_error vmb_tracker_guard_map(uintptr_t address);

// Tells the guard to forget the granules of a range, unless others need them, be it pages of the range that
// have several users and so are to stay (`keeps_shared`). Their pages are then as before the first access, also
// after an error, which ends it.
enum vmbase_error vmb_tracker_guard_unmap(struct vmbase_range range, bool keeps_shared);

#endif
