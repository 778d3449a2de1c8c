// SPDX-License-Identifier: Apache-2.0

// The machine of the page-table code in host tests: a CPU whose TLB caches as much as the architecture
// allows, and a source of table pages with awkward contents and addresses.

#ifndef PAGE_TABLE_FAKE_H
#define PAGE_TABLE_FAKE_H

#include "../../../src/arch/mmu.h"
#include "../../../src/page_table/in_use.h"

#include <vmbase/page_table.h>

// The CPU. Tests set these before they make a table.
struct fake_cpu {
	struct vmb_mmu_features features;
	struct vmb_in_use in_use[VMB_IN_USE_COUNT]; // an empty range is not in use

	// Values that the code under test has set, and counts of its calls.
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

	void (*during_clean)(void); // runs during a cache clean
	uint64_t *pending_entry; // its AP_RDONLY is cleared, as by FEAT_HAFDBS, when the code waits for walks
};
extern struct fake_cpu fake_cpu;

// Resets the CPU: 48-bit physical addresses, no FEAT_HAFDBS, no memory in use.
void fake_cpu_reset(void);

// The TLB watches `count` pages of a table from `base` on. At each invalidation, each publication and each
// check, the changes since the last observation must be allowed by the architecture. Faults are counted and
// printed.
#define FAKE_TLB_PAGES_MAX 4096
void fake_tlb_watch(const struct vmbase_page_table *table, uintptr_t base, size_t count);
void fake_tlb_stop(void);
// Checks, at the end of an operation, that the TLB has no entry that differs from the table.
void fake_tlb_settle(void);
extern unsigned int fake_tlb_faults;

// A source of at most `limit` pages. Each page is full of values that look like descriptors.
struct fake_pages {
	struct vmbase_table_pages pages;
	size_t limit;
	size_t given; // and not freed
	size_t misaligned_by;
};
void fake_pages_init(struct fake_pages *pages, size_t limit, uint64_t physical_offset);

// Returns whether the table follows the architecture and the library's rules: no table is empty, the
// Contiguous bit is set only in complete runs, no reserved bit is set, and the number of allocated pages is
// the number of tables.
bool fake_table_is_sound(const struct vmbase_page_table *table, const struct fake_pages *pages);

#endif
