// SPDX-License-Identifier: Apache-2.0

// TLB maintenance. It is Inner Shareable: it reaches all CPUs of the guest.

#include "../base/align.h"
#include "barrier.h"
#include "cpu.h"
#include "mmu.h"
#include "sysreg.h"
#include "tlb_range.h"

// For more pages than this the whole address space is invalidated: one instruction a page would be slower than
// refilling the TLB.
#define PAGES_MAX 512

#define TLBI(operation, operand) __asm__ volatile("tlbi " operation ", %0" : : "r"(operand) : "memory")

static bool has_range_instructions(void)
{
	return VMB_ID_FIELD(vmb_cpu_isar0(), ID_AA64ISAR0_TLB_SHIFT) >= ID_AA64ISAR0_TLB_RANGE;
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

// Range instructions take multiples of two pages. If the count is odd, the first page is invalidated alone.
static void invalidate_by_ranges(uint64_t page, uint64_t count, uint64_t asid, enum vmb_tlb_scope scope)
{
	if (count % 2 != 0) {
		invalidate_page(page | asid, scope);
		page++;
		count--;
	}
	for (unsigned int scale = 0; scale < TLBI_RANGE_SCALES; scale++) {
		const struct vmb_tlb_part part = vmb_tlb_part(page, count, scale);

		if (part.pages != 0) {
			invalidate_pages(part.operand | asid, scope);
			page += part.pages;
		}
	}
}

void vmb_tlb_publish(void)
{
	vmb_publish_descriptors();
}

void vmb_walks_complete(void)
{
	// A DSB waits for the updates of descriptors by earlier accesses (DDI 0487, issue K.a, Ordering of
	// hardware updates to the translation tables); ISH includes the updates of all CPUs.
	__asm__ volatile("dsb ish" : : : "memory");
}

void vmb_tlb_invalidate(struct vmbase_range range, unsigned int asid, enum vmb_tlb_scope scope)
{
	const uint64_t asid_field = (uint64_t)asid << TLBI_ASID_SHIFT;
	const uint64_t page = range.begin >> VMB_PAGE_SHIFT;
	const uint64_t count = (range.end - range.begin) >> VMB_PAGE_SHIFT;

	// No walk after the invalidation finds the old descriptors.
	__asm__ volatile("dsb ishst" : : : "memory");
	if (count == 1) {
		invalidate_page(page | asid_field, scope);
	} else if (count < TLBI_RANGE_PAGES_END && has_range_instructions()) {
		invalidate_by_ranges(page, count, asid_field, scope);
	} else if (count <= PAGES_MAX) {
		for (uint64_t i = 0; i < count; i++) {
			invalidate_page((page + i) | asid_field, scope);
		}
	} else {
		TLBI("aside1is", asid_field);
	}
	// The invalidation is complete on all CPUs, and the code that comes next uses no old translation.
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}
