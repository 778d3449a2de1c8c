// SPDX-License-Identifier: Apache-2.0

// The size of a page, rounding, and the lesser and greater of two numbers.

#ifndef VMB_ALIGN_H
#define VMB_ALIGN_H

// The granule of all translation tables of this library: VMBASE_PAGE_SIZE of <vmbase/page_table.h>.
#define VMB_PAGE_SHIFT 12

#ifdef __ASSEMBLER__
#define VMB_PAGE_SIZE (1 << VMB_PAGE_SHIFT)
#else

#include <stdbool.h>
#include <stdint.h>

#define VMB_PAGE_SIZE (UINT64_C(1) << VMB_PAGE_SHIFT)

// An alignment is a power of two. vmb_align_up() returns 0 if the result would be 2^64.
static inline uint64_t vmb_align_down(uint64_t value, uint64_t alignment)
{
	return value & ~(alignment - 1);
}

static inline uint64_t vmb_align_up(uint64_t value, uint64_t alignment)
{
	return vmb_align_down(value + alignment - 1, alignment);
}

static inline bool vmb_is_aligned(uint64_t value, uint64_t alignment)
{
	return (value & (alignment - 1)) == 0;
}

static inline uint64_t vmb_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t vmb_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif

#endif
