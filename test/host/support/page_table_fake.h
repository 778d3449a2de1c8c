// SPDX-License-Identifier: Apache-2.0

// The machine that the page-table code runs on in host tests: a CPU whose TLB remembers what it may remember,
// and pages for tables that are never as one would like them.

#ifndef PAGE_TABLE_FAKE_H
#define PAGE_TABLE_FAKE_H

#include "../../../src/arch/mmu.h"
#include "../../../src/page_table/in_use.h"

#include <vmbase/page_table.h>

// The CPU. Tests set these before they make a table.
struct fake_cpu {
	struct vmb_mmu_features features;
	struct vmb_in_use in_use[VMB_IN_USE_COUNT]; // an empty range is in use for nothing

	// What it has been asked for.
	uint64_t ttbr0;
	uint64_t tcr;
	unsigned int switches;
	unsigned int publications;
	unsigned int invalidations;
	unsigned int clean_bytes;
	struct vmbase_range last_invalidated;
	unsigned int last_asid;
	enum vmb_tlb_scope last_scope;
	struct vmbase_range last_cleaned;

	void (*during_clean)(void); // what comes in between
	uint64_t *pending_entry;    // its AP_RDONLY is cleared, as by FEAT_HAFDBS, when that is waited for
};
extern struct fake_cpu fake_cpu;

// Forgets all, and becomes a CPU of 48-bit physical addresses without FEAT_HAFDBS that needs no memory.
void fake_cpu_reset(void);

// A TLB watches count pages from base on in a table: whenever the table's user invalidates or publishes
// something, and when it asks, what changed since the last time must have been allowed to. Faults are counted,
// and printed.
#define FAKE_TLB_PAGES_MAX 4096
void fake_tlb_watch(const struct vmbase_page_table *table, uintptr_t base, size_t count);
void fake_tlb_stop(void);
// At the end of an operation: no TLB holds anything that the table does not say.
void fake_tlb_settle(void);
extern unsigned int fake_tlb_faults;

// A source of pages that gives `limit` of them at most, each full of what looks like descriptors.
struct fake_pages {
	struct vmbase_table_pages pages;
	size_t limit;
	size_t given; // and not taken back
	size_t misaligned_by;
};
void fake_pages_init(struct fake_pages *pages, size_t limit, uint64_t physical_offset);

// Whether the table is one that the architecture and the library's own rules allow: no table is empty, each run
// with the Contiguous bit is one, no reserved bit is set, and as many pages are in use as there are tables.
bool fake_table_is_sound(const struct vmbase_page_table *table, const struct fake_pages *pages);

#endif
