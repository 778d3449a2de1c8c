// SPDX-License-Identifier: Apache-2.0

// Finds RAM: all of it, or the free part, for a heap, for buffers, or for programs that the guest loads.
//
// "All RAM" is the RAM of the device tree on platform `generic`, and vmbase_layout_ram() on the other
// platforms. The functions may be called on any CPU, except vmbase_ram_give_to_heap(), which is for the CPU of
// the tracker.

#ifndef VMBASE_RAM_H
#define VMBASE_RAM_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#ifdef __cplusplus
extern "C" {
#endif

// Stores the lowest range of RAM at or above `address`, used or free, as large as possible. A loop as below,
// from the end of each range, finds all RAM.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND    if no more RAM exists, or if there is no device tree (platform `generic`)
//   VMBASE_ERROR_UNSUPPORTED  if the device tree has too many ranges in an unlucky order
enum vmbase_error vmbase_ram_next(uintptr_t address, struct vmbase_range *range);

// Checks that all RAM and all reservations of the device tree can be read. The other functions here use the
// sound entries and ignore the others. Returns VMBASE_OK on the platforms that read no tree, which are all but
// `generic`.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there is no device tree (platform `generic`)
//   the errors of vmbase_fdt_check_memory() of <vmbase/fdt.h>
enum vmbase_error vmbase_ram_check(void);

// Stores the lowest range of free RAM at or above `address`, in whole pages of 4 KiB, as large as possible.
// This loop finds all free RAM, in ascending order:
//
//     struct vmbase_range range = { 0, 0 };
//     while ((error = vmbase_ram_next_free(range.end, &range)) == VMBASE_OK) { … }
//
// Free on platform `generic` is all RAM except the reservations of the device tree, the tree itself, the
// initial RAM disk and the image. Free on the other platforms is the part of vmbase_layout_ram() after the
// image's variables.
//
// The library does not remember what a caller uses; keep track of it yourself. Free RAM is not mapped, and its
// contents do not matter. On platform `generic` the time is linear in the bytes of the tree.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND    if no more RAM is free, or if there is no device tree (platform `generic`)
//   VMBASE_ERROR_UNSUPPORTED  if the device tree has too many ranges in an unlucky order
enum vmbase_error vmbase_ram_next_free(uintptr_t address, struct vmbase_range *range);

// Adds all free RAM to the heap of malloc() (<vmbase/heap.h>). A guest that calls this function at the start of
// main has a heap of nearly the VM's size, and needs no VMBASE_HEAP(). Call it once.
//
// The tracker (<vmbase/tracker.h>) maps the RAM as DATA_NOFLUSH. If the tracker has not been started, this
// function starts it with all RAM, and with VMBASE_RAM_TABLES pages of the image's writable data for tables. A
// guest that maps much more memory starts the tracker itself before the call: then the RAM that the tracker
// knows goes to the heap. RAM that is already mapped does not change: to keep RAM for another use, map it
// before the call. The page at address 0 never goes to the heap, so that a null pointer causes a fault. After
// vmbase_tracker_stop() the added RAM must not be used. All RAM that the tracker is started with is made known
// to <vmbase/sharing.h> too.
//
// Entries of the device tree that cannot be read are ignored: vmbase_ram_check() reports them. After an error
// the heap keeps the RAM that was added before the error.
//
// Context: main
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if no RAM is free
//   VMBASE_ERROR_NO_MEMORY  if there is more RAM than VMBASE_HEAP_RANGES ranges of less than 2 GiB; if there
//                           are too few pages for tables; or if RAM has more than VMBASE_TRACKER_RAM_RANGES
//                           ranges, of which the first ones have been added
//   the other errors of vmbase_ram_next_free(), vmbase_tracker_start(), vmbase_tracker_add_ram() and
//   vmbase_heap_add()
enum vmbase_error vmbase_ram_give_to_heap(void);

// The pages for tables that vmbase_ram_give_to_heap() has.
#define VMBASE_RAM_TABLES 32

#ifdef __cplusplus
}
#endif

#endif
