// SPDX-License-Identifier: Apache-2.0

// State and functions that the files of the tracker share. The tracker's page table is its only record of
// ranges: RAM is RODATA, DATA or DATA_TRACKED, a device is DEVICE_LAZY before its first access and DEVICE
// afterwards.

#ifndef VMB_TRACKER_STATE_H
#define VMB_TRACKER_STATE_H

#include "../base/range_set.h"
#include "../page_table/table.h"
#include "static_map.h"

#include <vmbase/tracker.h>

#include <stdatomic.h>

struct vmb_tracker {
	struct vmbase_page_table table; // active while the tracker is
	struct vmbase_table_pages source;
	struct vmb_range_set ram;
	struct vmb_static_map static_map;
	struct vmb_shared_pages *shared; // device pages with several users, or NULL
	// True while a call works. Handlers read it at any moment.
	atomic_bool is_busy;
};
extern struct vmb_tracker vmb_tracker;

// Return whether a range has only variables of the image, and whether a range overlaps the image.
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

// All addresses of the table.
#define VMB_TRACKER_ADDRESSES ((struct vmbase_range){ 0, UINT64_C(1) << VMBASE_TRACKER_VA_BITS })

// Begin and end a call. Between them no interrupt and no other call comes. vmb_tracker_end() is called only
// after vmb_tracker_begin() succeeded. `interrupts` keeps the mask from before the call.
enum vmbase_error vmb_tracker_begin(uint64_t *interrupts);
void vmb_tracker_end(uint64_t interrupts);

// ranges.c

// Writes all dirty pages of RAM back.
enum vmbase_error vmb_tracker_flush(void);

// start.c

// Maps the regions of the boot map and the console into a new table. After an error the table is of no use.
enum vmbase_error vmb_tracker_map_static(void);

// tracker.c

// Gets a page from a source for a table, or for data with the same needs. Returns NULL if there is none.
void *vmb_tracker_allocate(const struct vmbase_table_pages *source);

// users.c

// Maps a range of devices. Pages that are already mapped as devices get one more user. Changes nothing if it
// fails.
//
// Errors:
//   VMBASE_ERROR_OVERLAP    if part of the range is mapped as another kind
//   VMBASE_ERROR_NO_MEMORY  as vmbase_page_table_map(), or if the users cannot be counted
//   VMBASE_ERROR_UNALIGNED  as vmbase_page_table_map(), or if the users cannot be counted
enum vmbase_error vmb_tracker_map_again(struct vmbase_range range);

// Unmaps the pages of a range that have one user, and takes one user from the others.
enum vmbase_error vmb_tracker_remove_users(struct vmbase_range range);

// Returns the address of the first page of a range that has several users, or the end of the range.
uintptr_t vmb_tracker_next_shared(uintptr_t begin, uintptr_t end);

// Forgets all users but one of each page.
void vmb_tracker_forget_users(void);

// guard.c

// Tells the MMIO guard of the granule of an address whose page will become DEVICE, unless the guard knows it.
enum vmbase_error vmb_tracker_guard_map(uintptr_t address);

// Tells the guard to forget the granules of a range, unless other pages need them. With `keeps_shared`, the
// pages of the range that have several users are such pages. The forgotten pages become lazily mapped again,
// also those before an error, which ends the call.
enum vmbase_error vmb_tracker_guard_unmap(struct vmbase_range range, bool keeps_shared);

#endif
