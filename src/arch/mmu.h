// SPDX-License-Identifier: Apache-2.0

// The CPU as the page tables use it: system registers and instructions that only EL1 may use. Host tests
// replace it by a fake CPU.

#ifndef VMB_MMU_H
#define VMB_MMU_H

#include <vmbase/layout.h>

#include <stdbool.h>
#include <stdint.h>

struct vmb_mmu_features {
	uint8_t pa_bits;     // bits of a physical address that TCR_EL1.IPS allows with this granule
	bool hardware_dirty; // FEAT_HAFDBS, with dirty states
};

struct vmb_mmu_features vmb_mmu_features(void);

// Returns the value of TCR_EL1 for a table that translates addresses of `va_bits` bits.
uint64_t vmb_mmu_tcr_for(unsigned int va_bits);

// Writes TTBR0_EL1 and TCR_EL1 with the MMU off, and removes all TLB entries. Both maps must map the caller's
// code to its physical address.
void vmb_mmu_switch(uint64_t ttbr0, uint64_t tcr);

uint64_t vmb_mmu_ttbr0(void);
uint64_t vmb_mmu_tcr(void);

// Makes descriptors that were invalid and are valid now visible to walks and to the code that comes next.
void vmb_tlb_publish(void);

// Waits until the updates of descriptors are visible that the CPU makes for earlier accesses (FEAT_HAFDBS).
void vmb_walks_complete(void);

// Removes the translations of a range from the TLBs of all CPUs. Earlier writes to descriptors are visible to
// walks before; the removal is complete before the code that comes next. LEAVES is enough if no descriptor of a
// table has changed.
enum vmb_tlb_scope { VMB_TLB_LEAVES, VMB_TLB_TABLES };
void vmb_tlb_invalidate(struct vmbase_range range, unsigned int asid, enum vmb_tlb_scope scope);

// Writes the dirty cache lines of a range back to the Point of Coherency.
void vmb_cache_clean(struct vmbase_range range);

#endif
