// SPDX-License-Identifier: Apache-2.0

// Ranges of addresses.
//
//     vmbase_tracker_map(vmbase_range_at(0x9000000, 0x1000), VMBASE_TRACKER_MMIO)
//     vmbase_heap_add(vmbase_range_of(buffer, sizeof(buffer)))

#ifndef VMBASE_RANGE_H
#define VMBASE_RANGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A range of addresses. It is empty if begin and end are equal.
struct vmbase_range {
	uintptr_t begin;
	uintptr_t end; // exclusive
};

// Returns the range of size_bytes bytes that begins at an address. If the range wraps around, its end is below
// its begin, and each function that takes a range refuses it.
//
// Context: any
static inline struct vmbase_range vmbase_range_at(uintptr_t begin, size_t size_bytes)
{
	struct vmbase_range range = { begin, begin + size_bytes };

	return range;
}

// Returns the range of an object.
//
// Context: any
static inline struct vmbase_range vmbase_range_of(const void *object, size_t size_bytes)
{
	return vmbase_range_at((uintptr_t)object, size_bytes);
}

#ifdef __cplusplus
}
#endif

#endif
