// SPDX-License-Identifier: Apache-2.0

// The operands of TLB invalidations by address: Arm DDI 0487, issue K.a, TLBI VAE1IS and, for ranges, TLBI
// RVAE1IS.

#ifndef VMB_TLB_RANGE_H
#define VMB_TLB_RANGE_H

#include <stdint.h>

#define TLBI_ASID_SHIFT 48
#define TLBI_RANGE_TG_4K (UINT64_C(1) << 46)
#define TLBI_RANGE_SCALE_SHIFT 44
#define TLBI_RANGE_NUM_SHIFT 39
#define TLBI_RANGE_NUM_WIDTH 5
#define TLBI_RANGE_SCALES 4

// A range instruction covers (NUM + 1) << TLBI_RANGE_PAGES_SHIFT(scale) pages.
#define TLBI_RANGE_PAGES_SHIFT(scale) (TLBI_RANGE_NUM_WIDTH * (scale) + 1)

// The first number of pages that is too large for one instruction of each scale and one page alone.
#define TLBI_RANGE_PAGES_END (UINT64_C(1) << TLBI_RANGE_PAGES_SHIFT(TLBI_RANGE_SCALES))

// The part of a range that the instruction of one scale covers: `count`, which is even, has a digit of
// TLBI_RANGE_NUM_WIDTH bits for each scale. A digit of 0 needs no instruction.
struct vmb_tlb_part {
	uint64_t pages;
	uint64_t operand; // without the ASID
};

static inline struct vmb_tlb_part vmb_tlb_part(uint64_t first_page, uint64_t count, unsigned int scale)
{
	const uint64_t digit = count >> TLBI_RANGE_PAGES_SHIFT(scale) & ((1 << TLBI_RANGE_NUM_WIDTH) - 1);

	return (struct vmb_tlb_part){
		.pages = digit << TLBI_RANGE_PAGES_SHIFT(scale),
		.operand = first_page | (digit - 1) << TLBI_RANGE_NUM_SHIFT |
			   (uint64_t)scale << TLBI_RANGE_SCALE_SHIFT | TLBI_RANGE_TG_4K,
	};
}

#endif
