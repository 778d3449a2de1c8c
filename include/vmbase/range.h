// SPDX-License-Identifier: Apache-2.0

// Ranges of addresses, and physical addresses.
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

// A physical address of the guest, which the hypervisor translates again. The library never dereferences it.
struct vmbase_phys {
	uint64_t address;
};

// Returns a number as a physical address.
//
// Context: any
static inline struct vmbase_phys vmbase_phys_at(uint64_t address)
{
	struct vmbase_phys phys = { address };

	return phys;
}

#ifdef __cplusplus
}
#endif

#endif
