// SPDX-License-Identifier: Apache-2.0

// Address ranges.

#ifndef VMBASE_RANGE_H
#define VMBASE_RANGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A range of addresses. A range that ends where it begins is empty.
struct vmbase_range {
	uintptr_t begin;
	uintptr_t end; // exclusive
};

// Returns the range of `size_bytes` bytes from an address or an object on. If it would wrap around, its end is
// below its begin, and each function that takes ranges refuses it.
//
// Context: any
static inline struct vmbase_range vmbase_range_at(uintptr_t begin, size_t size_bytes)
{
	struct vmbase_range range = { begin, begin + size_bytes };

	return range;
}

static inline struct vmbase_range vmbase_range_of(const void *object, size_t size_bytes)
{
	return vmbase_range_at((uintptr_t)object, size_bytes);
}

#ifdef __cplusplus
}
#endif

#endif
