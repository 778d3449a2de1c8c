// SPDX-License-Identifier: Apache-2.0

// RAM that nobody uses, for a heap, for buffers, or for what the guest loads.

#ifndef VMBASE_RAM_H
#define VMBASE_RAM_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#ifdef __cplusplus
extern "C" {
#endif

// Puts into *range the lowest range at or above `address` that is RAM, used or not, as large as it can be: of
// what the device tree says (platform `generic`), or vmbase_layout_ram() (the others). All RAM is what calls
// give that go on from the end of the one before, as below.
//
// VMBASE_ERROR_NOT_FOUND     there is no more; or, on platform `generic`, no device tree
// VMBASE_ERROR_UNSUPPORTED   the device tree has too many ranges, in too unlucky an order
enum vmbase_error vmbase_ram_next(uintptr_t address, struct vmbase_range *range);

// Says whether all that the device tree says of RAM and of reservations could be read. The other functions here
// use what is sound, and pass over what is not. Platforms other than `generic` read no tree: VMBASE_OK.
//
// VMBASE_ERROR_NOT_FOUND     there is no device tree (platform `generic`)
// or an error of vmbase_fdt_check_memory() of <vmbase/fdt.h>.
enum vmbase_error vmbase_ram_check(void);

// Puts into *range the lowest range of whole pages of 4 KiB at or above `address` that is RAM and free, as
// large as it can be. All such ranges, in order, are what calls give that go on from the end of the one before:
//
//     struct vmbase_range range = { 0, 0 };
//     while ((error = vmbase_ram_next_free(range.end, &range)) == VMBASE_OK) { … }
//
// Platform `generic`: what the device tree says is RAM, without what it reserves, the tree itself, the initial
// RAM disk and the image. The others: what of vmbase_layout_ram() is behind the image's variables.
//
// Nothing is remembered: what a caller takes it takes, and others have to be told. None of it is mapped, and
// its contents do not matter. From main on, on any CPU. On platform `generic` a call takes time that is linear
// in the bytes of the tree.
//
// VMBASE_ERROR_NOT_FOUND     there is no more; or, on platform `generic`, no device tree
// VMBASE_ERROR_UNSUPPORTED   the device tree has too many ranges, in too unlucky an order
enum vmbase_error vmbase_ram_next_free(uintptr_t address, struct vmbase_range *range);

// Gives all RAM that is free, in however many ranges, to the heap behind malloc() (<vmbase/heap.h>): a guest
// that calls it at the start of main has a heap of nearly the VM's size, and needs no VMBASE_HEAP().
//
// RAM is mapped by the tracker (<vmbase/tracker.h>), as DATA_NOFLUSH. Where the tracker has not taken over, it
// does, with all that vmbase_ram_next() gives and tables in VMBASE_RAM_TABLES pages of the image's writable
// data. A guest that maps much beside has it take over before, with what it wants: all RAM that it was told of
// goes to the heap, and nothing else. What is mapped already stays what it is: to keep some RAM for another
// use, map it first. The page at address 0 is never given: a null pointer has to be a fault. After a tear-down
// there is no such heap any more. <vmbase/sharing.h> is told of all RAM that is taken over so.
//
// What the device tree says and cannot be read is passed over: vmbase_ram_check() tells of it.
//
// From main's context, once. After an error the heap has what was added before it.
//
// VMBASE_ERROR_NOT_FOUND     nothing is free
// VMBASE_ERROR_NO_MEMORY     there is more RAM than the heap takes, which has VMBASE_HEAP_RANGES ranges of less
//                            than 2 GiB; or more tables are needed than there are pages; or RAM has more ranges
//                            than VMBASE_TRACKER_RAM_RANGES, the first of which were given
// or another of vmbase_ram_next_free(), vmbase_tracker_start(), vmbase_tracker_add_ram() or
// vmbase_heap_add().
enum vmbase_error vmbase_ram_give_to_heap(void);

#define VMBASE_RAM_TABLES 32

#ifdef __cplusplus
}
#endif

#endif
