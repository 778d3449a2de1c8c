// SPDX-License-Identifier: Apache-2.0

// Types and functions that the files of the page-table code share. An operation that changes a table has two
// passes. The first one, `plan`, finds every possible error and counts the tables that will be needed. These
// are reserved. The second one, `commit`, cannot fail.

#ifndef VMB_PAGE_TABLE_H
#define VMB_PAGE_TABLE_H

#include "../arch/sysreg.h"
#include "descriptors.h"
#include "../arch/mmu.h"
#include "geometry.h"
#include "in_use.h"

#include <vmbase/page_table.h>

#include <stdatomic.h>

// An entry is 0 (not mapped), a table, or a leaf. A leaf is a page, a block, or a lazily mapped page, which is
// invalid to the CPU. Only the root may be an empty table.

#define VMB_TABLE_DESCRIPTOR (PTE_VALID | PTE_TABLE_OR_PAGE)

static inline bool vmb_is_table(uint64_t descriptor, int level)
{
	return level < VMB_LAST_LEVEL && (descriptor & VMB_TABLE_DESCRIPTOR) == VMB_TABLE_DESCRIPTOR;
}

static inline bool vmb_has_blocks(enum vmbase_map_kind kind)
{
	return kind != VMBASE_MAP_DATA_TRACKED && kind != VMBASE_MAP_DEVICE_LAZY;
}

// Attributes are those of a page, with its type. A block has another type.
static inline uint64_t vmb_leaf(uint64_t phys, uint64_t attributes, int level)
{
	return phys | (level == VMB_LAST_LEVEL ? attributes : attributes & ~PTE_TABLE_OR_PAGE);
}

// Pages that will become tables or will be given back. The first word of each page points to the next one. A
// walk that still reads the page finds an invalid descriptor, because a page is aligned.
struct vmb_spare {
	struct vmb_spare *next;
};

// A change of a table.
struct vmb_edit {
	struct vmbase_page_table *table;
	struct vmbase_range range;
	enum vmbase_map_kind kind;
	uint64_t attributes; // of the new leaves, as of a page; 0 to unmap
	uint64_t offset;     // of map(): the physical address less the virtual one
	int top_leaf_level;  // new leaves are blocks of this level and below, if they fit
	bool has_runs;       // and have the Contiguous bit, if they make a run
	bool is_live;        // the CPU may walk the changed entries
	enum vmb_tlb_scope scope;

	size_t tables_needed;
	struct vmb_spare *reserved;
	struct vmb_spare *removed;
};

static inline uint64_t *vmb_child(const struct vmbase_page_table *table, uint64_t descriptor)
{
	const uintptr_t address = (descriptor & PTE_ADDRESS_MASK) - table->pages.physical_offset;

	// The address came from allocate(), by vmb_table_descriptor().
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

// A range that contains all tables. It may contain other pages too.
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
	if (!vmb_is_aligned(range.begin | range.end, VMB_PAGE_SIZE)) {
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

	return kind == VMBASE_MAP_DATA_TRACKED && table->has_hardware_dirty ? attributes | PTE_DBM : attributes;
}

enum vmbase_map_kind vmb_kind(uint64_t descriptor);

// Returns the entry that translates an address, or would translate it, and its level.
uint64_t *vmb_find(const struct vmbase_page_table *table, uintptr_t address, int *level);

// pages.c

// Returns the number of tables that map [begin, end), a range within one entry of `level`, by leaves of
// top_leaf_level and below.
size_t vmb_tables_needed(int level, uintptr_t begin, uintptr_t end, int top_leaf_level);

// Gives back a page that cannot become a table and returns the reason. The page may be NULL.
enum vmbase_error vmb_reject_page(const struct vmbase_page_table *table, void *page);

// Gets a page for a table.
struct vmb_allocation {
	enum vmbase_error error;
	uint64_t *entries;
};
__attribute__((always_inline)) static inline struct vmb_allocation vmb_allocate(struct vmbase_page_table *table)
{
	void *page = table->pages.allocate(table->pages.context);
	const uintptr_t address = (uintptr_t)page;

	if (page == NULL || !vmb_is_aligned(address, VMB_PAGE_SIZE) ||
	    address + table->pages.physical_offset >= table->pa_end) {
		return (struct vmb_allocation){ vmb_reject_page(table, page), NULL };
	}
	table->lowest_table = address < table->lowest_table ? address : table->lowest_table;
	table->highest_table = address > table->highest_table ? address : table->highest_table;
	return (struct vmb_allocation){ VMBASE_OK, page };
}

// vmb_reserve() gets all pages that an operation needs, and vmb_take() takes one of them. vmb_remove() puts a
// table aside, vmb_remove_all() a table and all tables below it. vmb_give_back() gives back the pages of a
// list.
enum vmbase_error vmb_reserve(struct vmb_edit *edit);
uint64_t *vmb_take(struct vmb_edit *edit);
void vmb_remove(struct vmb_edit *edit, uint64_t *entries);
void vmb_remove_all(struct vmb_edit *edit, uint64_t *entries, int level, size_t count);
void vmb_give_back(const struct vmbase_page_table *table, struct vmb_spare *list);

// activate.c

// Makes a table the CPU's map. The caller has checked that the table has all memory that the running code
// needs.
void vmb_activate(struct vmbase_page_table *table);

// live.c

// Returns whether a test is true for the page of any table.
typedef bool vmb_table_test(const struct vmbase_page_table *table, struct vmbase_range page,
			    const void *context);
bool vmb_generic_table(const struct vmbase_page_table *table, vmb_table_test *test, const void *context);

// Returns whether memory of a kind allows a use. Kind 0 is not mapped and allows none.
bool vmb_allows(enum vmbase_map_kind kind, enum vmb_use use);

// Returns whether the running code needs a part of the range in a way that the kind does not allow.
bool vmb_is_busy(const struct vmbase_page_table *table, struct vmbase_range range, enum vmbase_map_kind kind);

// Returns whether the entries that translate the range can be made invalid for a moment.
bool vmb_can_break(const struct vmb_edit *edit, struct vmbase_range range);

// Makes `count` entries of the range invalid and removes them from all TLBs, if the CPU may be walking them.
void vmb_break(const struct vmb_edit *edit, uint64_t *entries, size_t count, struct vmbase_range range,
	       enum vmb_tlb_scope scope);

// map.c

// Writes `count` leaves, with the Contiguous bit if they make a run.
void vmb_fill_leaves(uint64_t *entries, size_t index, size_t count, uint64_t phys, uint64_t attributes,
		     int level, bool has_runs);

// Writes an entry that a walk may read at the same time. The memory that the entry points to was written
// before.
static inline void vmb_write(uint64_t *entry, uint64_t descriptor)
{
	// A release fence is DMB ISH, which orders what a walk of this or another CPU sees (DDI 0487, issue
	// K.a, Ordering and observability of translation table walks).
	atomic_thread_fence(memory_order_release);
	*entry = descriptor;
}

#endif
