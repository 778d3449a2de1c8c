// SPDX-License-Identifier: Apache-2.0

// A CPU with page tables, TLB and memory: the implementation.

#include "page_table_fake.h"

#include "../../../src/page_table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_cpu fake_cpu;
unsigned int fake_tlb_faults;

// The TLB's state of a page: the leaf that translates it, and whether an older leaf may still be cached.
struct cached {
	uint64_t descriptor;
	int level;
	bool is_stale;
};

static struct {
	const struct vmbase_page_table *table;
	uintptr_t base;
	size_t count;
	struct cached cached[FAKE_TLB_PAGES_MAX];
} tlb;

void fake_cpu_reset(void)
{
	fake_cpu = (struct fake_cpu){ .features = { .pa_bits = 48 } };
	fake_tlb_stop();
}

static struct cached look_up(uintptr_t address)
{
	int level = 0;
	uint64_t descriptor = *vmb_find(tlb.table, address, &level);

	return (struct cached){ .descriptor = (descriptor & PTE_VALID) != 0 ? descriptor : 0, .level = level };
}

void fake_tlb_watch(const struct vmbase_page_table *table, uintptr_t base, size_t count)
{
	tlb.table = table;
	tlb.base = base;
	tlb.count = count;
	for (size_t i = 0; i < count; i++) {
		tlb.cached[i] = look_up(base + i * VMB_PAGE_SIZE);
	}
}

void fake_tlb_stop(void)
{
	tlb.table = NULL;
}

static void fault(const char *sentence, uintptr_t address)
{
	fake_tlb_faults++;
	fprintf(stderr, "# TLB: %s at %#zx\n", sentence, (size_t)address);
}

// The bits in which two leaves for a page may differ without break-before-make.
#define PERMISSIONS (PTE_AP_RDONLY | PTE_PXN | PTE_UXN | PTE_DBM | PTE_SOFTWARE_TRACKED | PTE_SOFTWARE_LAZY)

static void check_run(uintptr_t address, struct cached now)
{
	const struct vmbase_range run = vmb_run_at(address, now.level);
	const uint64_t size = vmb_level_size(now.level);
	const uint64_t first = now.descriptor - (address - run.begin) / size * size;

	for (uintptr_t other = run.begin; other < run.end; other += size) {
		if (((look_up(other).descriptor ^ (first + (other - run.begin))) & ~PERMISSIONS) != 0) {
			fault("the Contiguous bit is set in an incomplete run", address);
			return;
		}
	}
}

static bool is_in_use(uintptr_t page)
{
	for (int i = 0; i < VMB_IN_USE_COUNT; i++) {
		if (fake_cpu.in_use[i].range.begin < page + VMB_PAGE_SIZE &&
		    fake_cpu.in_use[i].range.end > page) {
			return true;
		}
	}
	return false;
}

// Reads all changes since the last observation. Entries of `invalidated` are no longer cached.
static void observe(struct vmbase_range invalidated)
{
	for (size_t i = 0; tlb.table != NULL && i < tlb.count; i++) {
		const uintptr_t address = tlb.base + i * VMB_PAGE_SIZE;
		struct cached *before = &tlb.cached[i];
		struct cached now = look_up(address);
		const bool differs = before->descriptor != now.descriptor || before->level != now.level;

		now.is_stale = before->is_stale || (before->descriptor != 0 && differs);
		if (before->descriptor != 0 && now.descriptor != 0 &&
		    (before->level != now.level ||
		     ((before->descriptor ^ now.descriptor) & ~PERMISSIONS) != 0)) {
			fault("changed without break-before-make", address);
		}
		if (before->descriptor == 0 && now.descriptor != 0 && before->is_stale) {
			fault("mapped before the old entry was invalidated", address);
		}
		if (before->descriptor != 0 && now.descriptor == 0 && is_in_use(address)) {
			fault("unmapped under the running code", address);
		}
		if (address >= invalidated.begin && address < invalidated.end) {
			now.is_stale = false;
		}
		if ((now.descriptor & PTE_CONTIGUOUS) != 0) {
			check_run(address, now);
		}
		*before = now;
	}
}

void fake_tlb_settle(void)
{
	observe((struct vmbase_range){ 0, 0 });
	for (size_t i = 0; tlb.table != NULL && i < tlb.count; i++) {
		if (tlb.cached[i].is_stale) {
			fault("a stale entry is left", tlb.base + i * VMB_PAGE_SIZE);
		}
	}
}

struct vmb_mmu_features vmb_mmu_features(void)
{
	return fake_cpu.features;
}

uint64_t vmb_mmu_tcr_for(unsigned int va_bits)
{
	return TCR_EL1_T0SZ(64 - va_bits);
}

uint64_t vmb_mmu_ttbr0(void)
{
	return fake_cpu.ttbr0;
}

uint64_t vmb_mmu_tcr(void)
{
	return fake_cpu.tcr;
}

void vmb_mmu_switch(uint64_t ttbr0, uint64_t tcr)
{
	fake_cpu.ttbr0 = ttbr0;
	fake_cpu.tcr = tcr;
	fake_cpu.switches++;
}

void vmb_tlb_publish(void)
{
	fake_cpu.publications++;
	observe((struct vmbase_range){ 0, 0 });
}

void vmb_tlb_invalidate(struct vmbase_range range, unsigned int asid, enum vmb_tlb_scope scope)
{
	fake_cpu.invalidations++;
	fake_cpu.last_invalidated = range;
	fake_cpu.last_asid = asid;
	fake_cpu.last_scope = scope;
	observe(range);
}

void vmb_walks_complete(void)
{
	if (fake_cpu.pending_entry != NULL) {
		*fake_cpu.pending_entry &= ~PTE_AP_RDONLY;
		fake_cpu.pending_entry = NULL;
	}
}

void vmb_cache_clean(struct vmbase_range range)
{
	fake_cpu.clean_bytes += (unsigned int)(range.end - range.begin);
	fake_cpu.last_cleaned = range;
	if (fake_cpu.during_clean != NULL) {
		fake_cpu.during_clean();
	}
}

void vmb_in_use(struct vmb_in_use in_use[VMB_IN_USE_COUNT])
{
	memcpy(in_use, fake_cpu.in_use, sizeof(fake_cpu.in_use));
}

// C versions of the loops of descriptors.S and zero.S.

void vmb_clear_table(uint64_t *entries)
{
	memset(entries, 0, VMB_ENTRIES * sizeof(*entries));
}

void vmb_fill_descriptors(uint64_t *entries, uint64_t first, uint64_t step, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		entries[i] = first + i * step;
	}
}

void vmb_change_descriptors(uint64_t *entries, uint64_t keep, uint64_t set, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		entries[i] = (entries[i] & keep) | set;
	}
}

struct vmb_summary vmb_summarise_descriptors(const uint64_t *entries, size_t count)
{
	struct vmb_summary summary = { UINT64_MAX, 0 };

	for (size_t i = 0; i < count; i++) {
		summary.all &= entries[i];
		summary.any |= entries[i];
	}
	return summary;
}

void vmb_zero(void *begin, void *end)
{
	memset(begin, 0, (size_t)((char *)end - (char *)begin));
}

static void *allocate(void *context)
{
	struct fake_pages *pages = context;

	if (pages->given == pages->limit) {
		return NULL;
	}
	// ASan poisons a page after its end. Before it is space to misalign the page.
	char *page = aligned_alloc(VMBASE_PAGE_SIZE,
				   pages->misaligned_by == 0 ? VMBASE_PAGE_SIZE : 2 * VMBASE_PAGE_SIZE);

	if (page == NULL) {
		abort();
	}
	pages->given++;
	memset(page, 0xa7, VMBASE_PAGE_SIZE);
	return page + pages->misaligned_by;
}

static void release(void *page, void *context)
{
	struct fake_pages *pages = context;

	pages->given--;
	free((char *)page - pages->misaligned_by);
}

void fake_pages_init(struct fake_pages *pages, size_t limit, uint64_t physical_offset)
{
	*pages = (struct fake_pages){
		.pages = { .allocate = allocate, .free = release, .physical_offset = physical_offset },
		.limit = limit,
	};
	pages->pages.context = pages;
}

#define LEAF_BITS                                                                                              \
	(PTE_VALID | PTE_TABLE_OR_PAGE | PTE_ATTR_INDEX_MASK | PTE_AP_RDONLY | PTE_SH_INNER | PTE_AF |         \
	 PTE_NG | PTE_DBM | PTE_CONTIGUOUS | PTE_PXN | PTE_UXN | PTE_SOFTWARE_LAZY | PTE_SOFTWARE_TRACKED)

static bool is_sound_leaf(const uint64_t *entries, size_t i, size_t count, int level)
{
	const uint64_t size = vmb_level_size(level);
	const uint64_t descriptor = entries[i];
	const bool is_page = level == VMB_LAST_LEVEL;

	if (level < VMB_TOP_BLOCK_LEVEL ||
	    (descriptor & ~(LEAF_BITS | (PTE_ADDRESS_MASK & ~(size - 1)))) != 0 ||
	    is_page != ((descriptor & PTE_TABLE_OR_PAGE) != 0) ||
	    ((descriptor & PTE_VALID) != 0) == ((descriptor & PTE_SOFTWARE_LAZY) != 0)) {
		return false;
	}
	if (!is_page && !vmb_has_blocks(vmb_kind(descriptor))) {
		return false;
	}
	if ((descriptor & PTE_CONTIGUOUS) == 0) {
		return true;
	}
	const size_t run = VMB_RUN_ENTRIES(level);
	const size_t first = i / run * run;

	if (first + run > count || !vmb_has_blocks(vmb_kind(descriptor)) ||
	    (entries[first] & PTE_ADDRESS_MASK & (run * size - 1)) != 0) {
		return false;
	}
	return descriptor == entries[first] + (i - first) * size;
}

static bool is_sound(const struct vmbase_page_table *table, const uint64_t *entries, size_t count, int level,
		     size_t *tables)
{
	bool is_empty = level != table->root_level;

	++*tables;
	for (size_t i = 0; i < count; i++) {
		if (vmb_is_table(entries[i], level)) {
			if (!is_sound(table, vmb_child(table, entries[i]), VMB_ENTRIES, level + 1, tables)) {
				return false;
			}
		} else if (entries[i] != 0 && !is_sound_leaf(entries, i, count, level)) {
			fprintf(stderr, "# level %d, entry %zu: %#zx\n", level, i, (size_t)entries[i]);
			return false;
		}
		is_empty = is_empty && entries[i] == 0;
	}
	return !is_empty;
}

bool fake_table_is_sound(const struct vmbase_page_table *table, const struct fake_pages *pages)
{
	size_t tables = 0;

	return is_sound(table, table->root, vmb_root_entries(table), table->root_level, &tables) &&
	       tables == pages->given;
}
