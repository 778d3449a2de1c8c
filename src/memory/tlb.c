// SPDX-License-Identifier: Apache-2.0

// TLB maintenance, Inner Shareable: it reaches all CPUs of the guest.

#include "../arch/sysreg.h"
#include "mmu.h"

#define PAGE_SHIFT 12

// The operand of a TLBI by address: Arm DDI 0487, issue K.a, TLBI VAE1IS, and for ranges TLBI RVAE1IS.
#define OPERAND_ASID_SHIFT 48
#define OPERAND_TG_4K VMB_FIELD(1, 46)
#define OPERAND_SCALE(scale) VMB_FIELD(scale, 44)
#define OPERAND_NUM(num) VMB_FIELD(num, 39)
#define SCALES 4
#define NUM_WIDTH 5

// A range instruction removes (NUM + 1) << shift pages.
#define SCALE_SHIFT(scale) (NUM_WIDTH * (scale) + 1)

// From here on all of the address space goes. One instruction a page would be slower than refilling the TLB; by
// range instructions it would take more than a handful.
#define PAGES_MAX 512
#define RANGE_PAGES_MAX (UINT64_C(1) << SCALE_SHIFT(SCALES))

#define TLBI(operation, operand) __asm__ volatile("tlbi " operation ", %0" : : "r"(operand) : "memory")

static bool has_range_instructions(void)
{
	uint64_t isar0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	return (isar0 >> ID_AA64ISAR0_TLB_SHIFT & ((1 << ID_AA64ISAR0_TLB_WIDTH) - 1)) >=
	       ID_AA64ISAR0_TLB_RANGE;
}

static void invalidate_page(uint64_t operand, enum vmb_tlb_scope scope)
{
	if (scope == VMB_TLB_LEAVES) {
		TLBI("vale1is", operand);
	} else {
		TLBI("vae1is", operand);
	}
}

static void invalidate_pages(uint64_t operand, enum vmb_tlb_scope scope)
{
	if (scope == VMB_TLB_LEAVES) {
		__asm__ volatile(".arch_extension tlb-rmi\n\ttlbi rvale1is, %0" : : "r"(operand) : "memory");
	} else {
		__asm__ volatile(".arch_extension tlb-rmi\n\ttlbi rvae1is, %0" : : "r"(operand) : "memory");
	}
}

// Range instructions remove multiples of two pages: the odd one goes alone, the others by digits of NUM_WIDTH
// bits.
static void invalidate_by_ranges(uint64_t page, uint64_t count, uint64_t asid, enum vmb_tlb_scope scope)
{
	if (count % 2 != 0) {
		invalidate_page(page | asid, scope);
		page++;
		count--;
	}
	for (unsigned int scale = 0; scale < SCALES; scale++) {
		const uint64_t digit = count >> SCALE_SHIFT(scale) & ((1 << NUM_WIDTH) - 1);

		if (digit != 0) {
			invalidate_pages(page | OPERAND_NUM(digit - 1) | OPERAND_SCALE(scale) | OPERAND_TG_4K |
						 asid,
					 scope);
			page += digit << SCALE_SHIFT(scale);
		}
	}
}

void vmb_tlb_publish(void)
{
	// Walks see the writes; ISB, so that what comes next does not use a translation from before.
	__asm__ volatile("dsb ishst\n\tisb" : : : "memory");
}

void vmb_tlb_invalidate(struct vmbase_range range, unsigned int asid, enum vmb_tlb_scope scope)
{
	const uint64_t asid_field = (uint64_t)asid << OPERAND_ASID_SHIFT;
	const uint64_t page = range.begin >> PAGE_SHIFT;
	const uint64_t count = (range.end - range.begin) >> PAGE_SHIFT;

	// No walk after the invalidation finds what was there before.
	__asm__ volatile("dsb ishst" : : : "memory");
	if (count == 1) {
		invalidate_page(page | asid_field, scope);
	} else if (count < RANGE_PAGES_MAX && has_range_instructions()) {
		invalidate_by_ranges(page, count, asid_field, scope);
	} else if (count <= PAGES_MAX) {
		for (uint64_t i = 0; i < count; i++) {
			invalidate_page((page + i) | asid_field, scope);
		}
	} else {
		TLBI("aside1is", asid_field);
	}
	// It is complete on all CPUs, and what comes next does not use a translation from before.
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}
