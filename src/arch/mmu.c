// SPDX-License-Identifier: Apache-2.0

// The MMU's registers and data-cache maintenance, for the page tables.

#include "mmu.h"

#include "../base/align.h"
#include "cpu.h"
#include "sysreg.h"

// Returns TCR_EL1.IPS for this CPU.
static uint64_t physical_size(void)
{
	const uint64_t size = VMB_ID_FIELD(vmb_cpu_mmfr0(), 0);

	return size < TCR_EL1_IPS_48BIT ? size : TCR_EL1_IPS_48BIT;
}

static bool has_hardware_dirty(void)
{
	return VMB_ID_FIELD(vmb_cpu_mmfr1(), ID_AA64MMFR1_HAFDBS_SHIFT) >= ID_AA64MMFR1_HAFDBS_DIRTY;
}

struct vmb_mmu_features vmb_mmu_features(void)
{
	// DDI 0487, issue K.a, ID_AA64MMFR0_EL1, PARange.
	static const uint8_t bits[TCR_EL1_IPS_48BIT + 1] = { 32, 36, 40, 42, 44, 48 };

	return (struct vmb_mmu_features){ .pa_bits = bits[physical_size()],
					  .hardware_dirty = has_hardware_dirty() };
}

uint64_t vmb_mmu_tcr_for(unsigned int va_bits)
{
	return TCR_EL1_BASE | TCR_EL1_T0SZ(64 - va_bits) | physical_size() << TCR_EL1_IPS_SHIFT |
	       (has_hardware_dirty() ? TCR_EL1_HA | TCR_EL1_HD : 0);
}

uint64_t vmb_mmu_ttbr0(void)
{
	uint64_t ttbr0;

	__asm__ volatile("mrs %0, ttbr0_el1" : "=r"(ttbr0));
	return ttbr0;
}

uint64_t vmb_mmu_tcr(void)
{
	uint64_t tcr;

	__asm__ volatile("mrs %0, tcr_el1" : "=r"(tcr));
	return tcr;
}

void vmb_cache_clean(struct vmbase_range range)
{
	const uint64_t line = (uint64_t)CTR_EL0_WORD_SIZE
			      << VMB_ID_FIELD(vmb_cpu_ctr(), CTR_EL0_DMINLINE_SHIFT);

	for (uintptr_t address = vmb_align_down(range.begin, line); address < range.end; address += line) {
		__asm__ volatile("dc cvac, %0" : : "r"(address) : "memory");
	}
	// The writes are complete for every reader, even with the caches off.
	__asm__ volatile("dsb sy" : : : "memory");
}
