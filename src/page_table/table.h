// SPDX-License-Identifier: Apache-2.0

// What the files of the page-table code share. An operation that changes a table comes in two passes: the
// first, `plan`, finds out all that can go wrong, and how many tables will be needed; these are reserved, and
// the second, `commit`, cannot fail.

#ifndef VMB_PAGE_TABLE_H
#define VMB_PAGE_TABLE_H

#include "../arch/sysreg.h"
#include "descriptors.h"
#include "../arch/mmu.h"
#include "geometry.h"
#include "in_use.h"

#include <vmbase/page_table.h>

#include <stdatomic.h>

// An entry is nothing (0), a table, or a leaf: a page or block, or a page that is lazily mapped and so invalid
// to the CPU. No table but the root is ever empty.

#define VMB_TABLE_DESCRIPTOR (PTE_VALID | PTE_TABLE_OR_PAGE)

static inline bool vmb_is_table(uint64_t descriptor, int level)
{
	return level < VMB_LAST_LEVEL && (descriptor & VMB_TABLE_DESCRIPTOR) == VMB_TABLE_DESCRIPTOR;
}

static inline bool vmb_has_blocks(enum vmbase_map_kind kind)
{
	return kind != VMBASE_MAP_DATA_TRACKED && kind != VMBASE_MAP_DEVICE_LAZY;
}

// Attributes are those of a page, type included; a block has another type.
static inline uint64_t vmb_leaf(uint64_t phys, uint64_t attributes, int level)
{
	return phys | (level == VMB_LAST_LEVEL ? attributes : attributes & ~PTE_TABLE_OR_PAGE);
}

// Pages that wait to become tables, or to be given back: the first word of each points to the next one. To a
// walk that still comes by it is an invalid descriptor, for a page is aligned.
struct vmb_spare {
	struct vmb_spare *next;
};

// An operation under way.
struct vmb_edit {
	struct vmbase_page_table *table;
	struct vmbase_range range;
	enum vmbase_map_kind kind;
	uint64_t attributes; // of the leaves to be, as a page's; 0: there are to be none
	uint64_t offset;     // of map(): the physical address less the virtual one
	int top_leaf_level;  // the leaves to be are blocks of this level and below, if these fit
	bool has_runs;       // … and have the Contiguous bit, if they make a run
	bool is_live;        // the CPU may be walking what is changed
	enum vmb_tlb_scope scope;

	size_t tables_needed;
	struct vmb_spare *reserved;
	struct vmb_spare *removed;
};

static inline uint64_t *vmb_child(const struct vmbase_page_table *table, uint64_t descriptor)
{
	const uintptr_t address = (descriptor & PTE_ADDRESS_MASK) - table->pages.physical_offset;

	// It came out of allocate(), by vmb_table_descriptor().
	return (uint64_t *)address; // NOLINT(performance-no-int-to-ptr)
}

static inline uint64_t vmb_table_descriptor(const struct vmbase_page_table *table, const uint64_t *entries)
{
	return ((uintptr_t)entries + table->pages.physical_offset) | VMB_TABLE_DESCRIPTOR;
}

static inline unsigned int vmb_asid(const struct vmbase_page_table *table)
{
	return (unsigned int)(table->ttbr0 >> TTBR0_EL1_ASID_SHIFT);
}

static inline size_t vmb_root_entries(const struct vmbase_page_table *table)
{
	return (size_t)(table->va_end >> vmb_level_shift(table->root_level));
}

// What all tables lie in, if not every page of it is one.
static inline struct vmbase_range vmb_tables(const struct vmbase_page_table *table)
{
	return (struct vmbase_range){ table->lowest_table, table->highest_table + VMB_PAGE_SIZE };
}

static inline struct vmbase_range vmb_self(const struct vmbase_page_table *table)
{
	return (struct vmbase_range){ (uintptr_t)table, (uintptr_t)table + sizeof(*table) };
}

static inline enum vmbase_error vmb_check_range(const struct vmbase_page_table *table,
						struct vmbase_range range)
{
	if (((range.begin | range.end) & (VMB_PAGE_SIZE - 1)) != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	if (range.begin >= range.end || range.end > table->va_end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	return VMBASE_OK;
}

static inline bool vmb_is_kind(enum vmbase_map_kind kind)
{
	return kind >= VMBASE_MAP_CODE && kind <= VMBASE_MAP_DEVICE_LAZY;
}

// page_table.c

extern const uint64_t vmb_attributes_of_kinds[VMBASE_MAP_DEVICE_LAZY + 1];

static inline uint64_t vmb_attributes(const struct vmbase_page_table *table, enum vmbase_map_kind kind)
{
	const uint64_t attributes = vmb_attributes_of_kinds[kind];

	return kind == VMBASE_MAP_DATA_TRACKED && table->hardware_dirty ? attributes | PTE_DBM : attributes;
}

enum vmbase_map_kind vmb_kind(uint64_t descriptor);

// The entry that translates an address, or would, and its level.
uint64_t *vmb_find(const struct vmbase_page_table *table, uintptr_t address, int *level);

// pages.c

// How many tables it takes to have [begin, end), which lies within one entry of `level`, in leaves of
// top_leaf_level and below.
size_t vmb_tables_needed(int level, uintptr_t begin, uintptr_t end, int top_leaf_level);

// Gives back a page that cannot become a table, and says why; NULL: because there is none.
enum vmbase_error vmb_reject_page(const struct vmbase_page_table *table, void *page);

// Gets a page, to become a table.
struct vmb_allocation {
	enum vmbase_error error;
	uint64_t *entries;
};
__attribute__((always_inline)) static inline struct vmb_allocation vmb_allocate(struct vmbase_page_table *table)
{
	void *page = table->pages.allocate(table->pages.context);
	const uintptr_t address = (uintptr_t)page;

	if (page == NULL || (address & (VMB_PAGE_SIZE - 1)) != 0 ||
	    address + table->pages.physical_offset >= table->pa_end) {
		return (struct vmb_allocation){ vmb_reject_page(table, page), NULL };
	}
	table->lowest_table = address < table->lowest_table ? address : table->lowest_table;
	table->highest_table = address > table->highest_table ? address : table->highest_table;
	return (struct vmb_allocation){ VMBASE_OK, page };
}

// Gets as many pages as are needed, takes one of these, puts one, or a table and all below it, aside, and gives
// back what has been put aside.
enum vmbase_error vmb_reserve(struct vmb_edit *edit);
uint64_t *vmb_take(struct vmb_edit *edit);
void vmb_remove(struct vmb_edit *edit, uint64_t *entries);
void vmb_remove_all(struct vmb_edit *edit, uint64_t *entries, int level, size_t count);
void vmb_give_back(const struct vmbase_page_table *table, struct vmb_spare *list);

// activate.c

// Makes a table the CPU's map that is known to have all that running code needs.
void vmb_activate(struct vmbase_page_table *table);

// live.c

// Whether a test holds for the page of any table.
typedef bool vmb_table_test(const struct vmbase_page_table *table, struct vmbase_range page,
			    const void *context);
bool vmb_generic_table(const struct vmbase_page_table *table, vmb_table_test *test, const void *context);

// Whether memory of this kind can be used so; of the kind 0, which is not mapped, none can.
bool vmb_allows(enum vmbase_map_kind kind, enum vmb_use use);

// Whether running code needs some of the range in a way that the kind does not allow.
bool vmb_is_busy(const struct vmbase_page_table *table, struct vmbase_range range, enum vmbase_map_kind kind);

// Whether entries that translate the range can be broken.
bool vmb_can_break(const struct vmb_edit *edit, struct vmbase_range range);

// Makes count entries, which translate the range, invalid and forgotten by all TLBs, if anybody may be walking
// them.
void vmb_break(const struct vmb_edit *edit, uint64_t *entries, size_t count, struct vmbase_range range,
	       enum vmb_tlb_scope scope);

// map.c

// Writes count leaves, with the Contiguous bit where they make a run.
void vmb_fill_leaves(uint64_t *entries, size_t index, size_t count, uint64_t phys, uint64_t attributes,
		     int level, bool has_runs);

// Writes an entry that a walk may be reading. What it points to has been written before.
static inline void vmb_write(uint64_t *entry, uint64_t descriptor)
{
	// A release fence is DMB ISH, which orders what a walk of this or another CPU sees (DDI 0487, issue
	// K.a, Ordering and observability of translation table walks).
	atomic_thread_fence(memory_order_release);
	*entry = descriptor;
}

#endif
