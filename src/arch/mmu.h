// SPDX-License-Identifier: Apache-2.0

// What the page tables need of the CPU they run on. Here it is system registers and instructions that only EL1
// has; the host's tests bring a CPU of their own making.

#ifndef VMB_MMU_H
#define VMB_MMU_H

#include <vmbase/layout.h>

#include <stdbool.h>
#include <stdint.h>

struct vmb_mmu_features {
	uint8_t pa_bits;     // physical addresses that TCR_EL1.IPS can have with this granule
	bool hardware_dirty; // FEAT_HAFDBS, with dirty states
};

struct vmb_mmu_features vmb_mmu_features(void);

// What TCR_EL1 is for a table of so many bits.
uint64_t vmb_mmu_tcr_for(unsigned int va_bits);

// Makes ttbr0 and tcr the registers' values, with the MMU off in between and no TLB entry left. The code that
// calls it is mapped to itself before and after.
void vmb_mmu_switch(uint64_t ttbr0, uint64_t tcr);

uint64_t vmb_mmu_ttbr0(void);
uint64_t vmb_mmu_tcr(void);

// Makes descriptors that were invalid, and now are valid, seen by walks and by the code that comes next.
void vmb_tlb_publish(void);

// Waits until the updates are seen that walks make to descriptors, for accesses before (FEAT_HAFDBS).
void vmb_walks_complete(void);

// Removes a range's translations from the TLBs of all CPUs, after the writes before it have been seen by walks
// and before the code that comes next. LEAVES is enough where no entry that points to a table has changed.
enum vmb_tlb_scope { VMB_TLB_LEAVES, VMB_TLB_TABLES };
void vmb_tlb_invalidate(struct vmbase_range range, unsigned int asid, enum vmb_tlb_scope scope);

// Writes a range's dirty cache lines back, to the Point of Coherency.
void vmb_cache_clean(struct vmbase_range range);

#endif
