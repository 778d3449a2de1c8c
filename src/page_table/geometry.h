// SPDX-License-Identifier: Apache-2.0

// The geometry of tables. The rest of the page-table code uses these names only. A granule of 16 KiB would have
// 14 and 11 bits, blocks from level 2 on, and runs of 128 pages or 32 blocks. A granule of 64 KiB would have 16
// and 13 bits, blocks from level 2 on, and runs of 32. Tests give a level fewer bits.

#ifndef VMB_PAGE_TABLE_GEOMETRY_H
#define VMB_PAGE_TABLE_GEOMETRY_H

#include <vmbase/layout.h>

#include "../base/align.h"

#include <stddef.h>
#include <stdint.h>

#ifndef VMB_LEVEL_BITS
#define VMB_LEVEL_BITS 9      // of an address, for the index into the table of one level
#define VMB_VA_BITS_MIN 25    // TCR_EL1.T0SZ is 39 at most without FEAT_TTST
#define VMB_RUN_BITS(level) 4 // a run of 2^4 entries shares a TLB entry
#define VMB_MANY_ENTRIES 8    // at least so many entries are changed in bulk
#endif

#define VMB_PAGE_BITS VMB_PAGE_SHIFT
#define VMB_LAST_LEVEL 3
#define VMB_TOP_BLOCK_LEVEL 1
#define VMB_VA_BITS_MAX (VMB_PAGE_BITS + (VMB_LAST_LEVEL + 1) * VMB_LEVEL_BITS)
#define VMB_ENTRIES ((size_t)1 << VMB_LEVEL_BITS)
#define VMB_RUN_ENTRIES(level) ((size_t)1 << VMB_RUN_BITS(level))

// Return the binary logarithm of the bytes that one entry translates, and the bytes.
static inline unsigned int vmb_level_shift(int level)
{
	return (unsigned int)(VMB_PAGE_BITS + VMB_LEVEL_BITS * (VMB_LAST_LEVEL - level));
}

static inline uint64_t vmb_level_size(int level)
{
	return UINT64_C(1) << vmb_level_shift(level);
}

static inline size_t vmb_index(uintptr_t address, int level)
{
	return (size_t)(address >> vmb_level_shift(level)) & (VMB_ENTRIES - 1);
}

// Returns the end of the entry that translates `begin`, or the end of the range if that comes first.
static inline uintptr_t vmb_next(uintptr_t begin, uintptr_t end, int level)
{
	return vmb_min((begin | (vmb_level_size(level) - 1)) + 1, end);
}

static inline struct vmbase_range vmb_around(uintptr_t address, uint64_t size)
{
	const uintptr_t begin = vmb_align_down(address, size);

	return (struct vmbase_range){ begin, begin + size };
}

// Return the range of the entry that translates an address, and the range of its run.
static inline struct vmbase_range vmb_entry_at(uintptr_t address, int level)
{
	return vmb_around(address, vmb_level_size(level));
}

static inline struct vmbase_range vmb_run_at(uintptr_t address, int level)
{
	return vmb_around(address, vmb_level_size(level) << VMB_RUN_BITS(level));
}

#endif
