// SPDX-License-Identifier: Apache-2.0

// RAM that nobody uses, for a heap, for buffers, or for what the guest loads.

#ifndef VMBASE_RAM_H
#define VMBASE_RAM_H

#include <vmbase/error.h>
#include <vmbase/layout.h>

// Puts into *range the lowest range of whole pages of 4 KiB at or above `address` that is RAM and free, as
// large as it can be. All such ranges, in order, are what calls give that go on from the end of the one before:
//
//     struct vmbase_range range = { 0, 0 };
//     while ((error = vmbase_ram_next_free(range.end, &range)) == VMBASE_OK) { … }
//
// Platform `any`: what the device tree says is RAM, without what it reserves, the tree itself, the initial RAM
// disk and the image. The others: what of vmbase_layout_ram() is behind the image's variables.
//
// Nothing is remembered: what a caller takes it takes, and others have to be told. None of it is mapped, and
// its contents do not matter. From main on, on any CPU. On platform `any` a call takes time that is linear in
// the bytes of the tree.
//
// VMBASE_ERROR_NOT_FOUND     there is no more; or, on platform `any`, no device tree
// or what vmbase_fdt_free_memory() of <vmbase/fdt.h> gives.
enum vmbase_error vmbase_ram_next_free(uintptr_t address, struct vmbase_range *range);

#endif
