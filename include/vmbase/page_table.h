// SPDX-License-Identifier: Apache-2.0

// Page tables: stage 1 translations of EL1, 4 KiB granule, virtual addresses of up to 48 bits (Arm DDI 0487,
// issue K.a, The AArch64 Virtual Memory System Architecture).
//
//     vmbase_page_table_init(&table, &pages, 39, 1)
//     vmbase_page_table_map(&table, range, VMBASE_MAP_DATA, 0)
//     vmbase_page_table_activate(&table)
//
// A table consists of pages that its owner provides. An active table is the map of the CPU. Ranges are virtual
// addresses and aligned to pages. Physical addresses have their own type, so that they cannot be confused with
// virtual ones.
//
// All or nothing: a function that returns an error has changed no translation. No function panics or waits.
//
// Changes of an active table: the same functions apply. Before they return they remove the old translations
// from the TLBs of all CPUs (Inner Shareable), once for a range. If the architecture requires it, they break
// before they make: a block that is split, joined or given another memory type is unmapped for a moment, and so
// is a run of 16 entries that share a TLB entry. The handler of an interrupt must not need this memory. A
// change that would remove a mapping of the running code gives VMBASE_ERROR_BUSY: the image (text, rodata,
// stacks, data, bss), the one or two pages that the stack pointer is in, the struct vmbase_page_table and the
// pages of its tables can neither be unmapped nor broken, and keep a kind that lets them be executed, read or
// written as before.
//
// The functions take no lock: only one CPU, and only one context on it, works on a table at a time. A handler
// that may interrupt a change of a table does not use that table.

#ifndef VMBASE_PAGE_TABLE_H
#define VMBASE_PAGE_TABLE_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The bytes of a page and of a table, and the alignment of ranges.
#define VMBASE_PAGE_SIZE UINT64_C(0x1000)

// The kind of a mapping. All kinds are for EL1 only. Normal memory is Write-Back, Inner Shareable.
enum vmbase_map_kind {
	VMBASE_MAP_CODE = 1, // Normal, read-only, executable
	VMBASE_MAP_RODATA,   // Normal, read-only
	VMBASE_MAP_DATA,     // Normal, readable, writable
	// As DATA, in pages, each of which remembers whether it has been written. A new page is clean. A CPU
	// with FEAT_HAFDBS notices the first write; on other CPUs this write is a permission fault, for
	// vmbase_page_table_handle_dirty_fault().
	VMBASE_MAP_DATA_TRACKED,
	VMBASE_MAP_DEVICE, // Device-nGnRE, readable, writable
	// As DEVICE, in pages, but an access to a page is a translation fault before
	// vmbase_page_table_resolve_lazy() has been called for the page.
	VMBASE_MAP_DEVICE_LAZY,
};

// A flag of vmbase_page_table_map(): uses pages only, no blocks and no runs. This costs tables and TLB entries.
// Each page of the range can then be changed in an active table without unmapping its neighbours for a moment.
#define VMBASE_MAP_PAGES_ONLY 0x1u

// The source of the pages for tables. A page has VMBASE_PAGE_SIZE bytes and this alignment. It is Normal
// memory, readable and writable in the map that is active during a call. The two functions must not use the
// table that they are called for.
struct vmbase_table_pages {
	// Returns a page with any contents, or NULL if there is no more page.
	void *(*allocate)(void *context);
	// Takes back a page of allocate(), which no walk can reach any more.
	void (*free)(void *page, void *context);
	void *context;
	// The physical address of a page minus its virtual address, modulo 2^64: 0 if memory is mapped to
	// itself.
	uint64_t physical_offset;
};

// A page table. The members are private. The struct must not move before vmbase_page_table_destroy().
struct vmbase_page_table {
	struct vmbase_table_pages pages;
	uint64_t *root;
	uintptr_t lowest_table; // lowest and highest page used for a table
	uintptr_t highest_table;
	uint64_t ttbr0;
	uint64_t tcr;
	uint64_t previous_ttbr0;
	uint64_t previous_tcr;
	uint64_t va_end; // the ends of the virtual and of the physical addresses
	uint64_t pa_end;
	uint8_t root_level;
	bool has_hardware_dirty;
	bool is_active;
};

// Makes an empty table for the virtual addresses below 2^va_bits. va_bits is 25 to 48; up to 39 bits need only
// two or three levels. `asid`, 0 to 255, tags the TLB entries of the table. Takes one page.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if va_bits or asid is out of its range
//   VMBASE_ERROR_NO_MEMORY         if `pages` has no page
//   VMBASE_ERROR_UNALIGNED         if the page or physical_offset is not aligned
//   VMBASE_ERROR_OUT_OF_RANGE      if the CPU does not have the physical address of the page
enum vmbase_error vmbase_page_table_init(struct vmbase_page_table *table,
					 const struct vmbase_table_pages *pages, unsigned int va_bits,
					 unsigned int asid);

// Gives all pages back. The struct must be initialised again before any other use.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY  if the table is active
enum vmbase_error vmbase_page_table_destroy(struct vmbase_page_table *table);

// Makes the table the map of the calling CPU (TTBR0_EL1 and TCR_EL1; the boot has set MAIR_EL1), and remembers
// the previous map. For some instructions the MMU is off and interrupts are masked, and all TLB entries of the
// CPU are dropped: the new map may differ from the old one in any way. A table is active on at most one CPU.
//
// The table must map the image, the current stack and the struct itself to themselves, and the pages of the
// tables by their physical_offset: text as CODE, rodata as any Normal kind, all others as DATA.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY  if the table is already active, or if it does not map this memory
enum vmbase_error vmbase_page_table_activate(struct vmbase_page_table *table);

// Restores the map that vmbase_page_table_activate() replaced. That map must still be valid, and map the
// running code.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the table is not active
enum vmbase_error vmbase_page_table_deactivate(struct vmbase_page_table *table);

// Map a range of which no part is mapped: to itself, or to the physical addresses that begin at `phys`. `flags`
// is 0 or VMBASE_MAP_PAGES_ONLY. The mapping uses the largest blocks (1 GiB, 2 MiB) that fit, and the
// Contiguous bit for each aligned run of 16 pages or blocks in the range; the two kinds in pages use neither.
// Takes a page for each new table.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the kind or a flag does not exist
//   VMBASE_ERROR_UNALIGNED         if an address or a page of `pages` is not aligned to a page
//   VMBASE_ERROR_OUT_OF_RANGE      if the range is empty, ends before it begins or beyond the virtual
//                                  addresses; or if the physical range or a page of `pages` ends beyond the
//                                  physical addresses
//   VMBASE_ERROR_OVERLAP           if part of the range is already mapped, lazily included
//   VMBASE_ERROR_NO_MEMORY         if `pages` has too few pages
enum vmbase_error vmbase_page_table_map(struct vmbase_page_table *table, struct vmbase_range range,
					enum vmbase_map_kind kind, unsigned int flags);
enum vmbase_error vmbase_page_table_map_to(struct vmbase_page_table *table, struct vmbase_range range,
					   struct vmbase_phys phys, enum vmbase_map_kind kind,
					   unsigned int flags);

// Unmaps all mapped parts of a range. Empty tables are given back. A block of which a part stays mapped is
// split, which takes pages.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_UNALIGNED     as vmbase_page_table_map()
//   VMBASE_ERROR_OUT_OF_RANGE  as vmbase_page_table_map()
//   VMBASE_ERROR_NO_MEMORY     as vmbase_page_table_map()
//   VMBASE_ERROR_BUSY          if the table is active, and running code needs the range or a mapping that would
//                              be broken with it, or `pages` gave a page of the range
enum vmbase_error vmbase_page_table_unmap(struct vmbase_page_table *table, struct vmbase_range range);

// Changes the kind of a mapped range; the physical addresses stay. Pages that already have the kind do not
// change: tracked pages stay dirty or clean. A block stays a block if all of it changes to a kind that has
// blocks; otherwise it is split, which takes pages.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the kind does not exist
//   VMBASE_ERROR_UNALIGNED         as vmbase_page_table_map()
//   VMBASE_ERROR_OUT_OF_RANGE      as vmbase_page_table_map()
//   VMBASE_ERROR_NO_MEMORY         as vmbase_page_table_map()
//   VMBASE_ERROR_NOT_FOUND         if part of the range is not mapped
//   VMBASE_ERROR_BUSY              if the table is active, and running code needs the range as it is, or a
//                                  mapping that would be broken; or if `pages` gave a page of the range, which
//                                  would no longer be DATA
enum vmbase_error vmbase_page_table_protect(struct vmbase_page_table *table, struct vmbase_range range,
					    enum vmbase_map_kind kind);

// Joins small mappings again, in the tables that the range touches: a full table of contiguous entries becomes
// a block, and is given back; a contiguous run of 16 entries gets the Contiguous bit. No translation changes,
// and no page is taken. Tracked and lazily mapped pages do not change.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_UNALIGNED     as vmbase_page_table_map()
//   VMBASE_ERROR_OUT_OF_RANGE  as vmbase_page_table_map()
//   VMBASE_ERROR_BUSY          if the table is active, and running code needs mappings that would be broken:
//                              these do not change, all others are joined
enum vmbase_error vmbase_page_table_fold(struct vmbase_page_table *table, struct vmbase_range range);

// Stores the physical address and the kind that a virtual address is mapped to. Either pointer may be NULL.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if the address is beyond the virtual addresses of the table
//   VMBASE_ERROR_NOT_FOUND     if the address is not mapped
enum vmbase_error vmbase_page_table_translate(const struct vmbase_page_table *table, uintptr_t address,
					      struct vmbase_phys *phys, enum vmbase_map_kind *kind);

// A page or a block, or the part of it that lies in the walked range.
struct vmbase_mapping {
	struct vmbase_range range;
	struct vmbase_phys phys; // of range.begin
	enum vmbase_map_kind kind;
	bool is_dirty;       // tracked and written
	bool is_contiguous;  // one of a run of 16 that share a TLB entry
	uint64_t leaf_bytes; // of the page or block
};

// Calls visit() for each mapped page and block of a range, in ascending order, until visit() returns an error.
// visit() must not change the table.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_UNALIGNED     as vmbase_page_table_map()
//   VMBASE_ERROR_OUT_OF_RANGE  as vmbase_page_table_map()
//   the error that visit() returned
enum vmbase_error vmbase_page_table_walk(const struct vmbase_page_table *table, struct vmbase_range range,
					 enum vmbase_error (*visit)(const struct vmbase_mapping *mapping,
								    void *context),
					 void *context);

// Handles a translation fault at `address` (FAR_EL1): changes its lazily mapped page to DEVICE, so that the
// access can be repeated. A page that is already DEVICE does not change.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if the address is beyond the virtual addresses of the table
//   VMBASE_ERROR_NOT_FOUND     if the page is not mapped, or has another kind: the fault has another cause
enum vmbase_error vmbase_page_table_resolve_lazy(struct vmbase_page_table *table, uintptr_t address);

// Handles a permission fault of a write at `address` (FAR_EL1): makes its tracked page dirty and writable, so
// that the write can be repeated.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if the address is beyond the virtual addresses of the table
//   VMBASE_ERROR_NOT_FOUND     if the page is not tracked: the fault has another cause
enum vmbase_error vmbase_page_table_handle_dirty_fault(struct vmbase_page_table *table, uintptr_t address);

// Makes the dirty pages of a range clean: writes their contents back to memory, to the Point of Coherency.
// Their next write is noticed again. The active map must map the range as this table does. Pages that are not
// tracked do not change.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_UNALIGNED     as vmbase_page_table_map()
//   VMBASE_ERROR_OUT_OF_RANGE  as vmbase_page_table_map()
enum vmbase_error vmbase_page_table_flush_dirty(struct vmbase_page_table *table, struct vmbase_range range);

#ifdef __cplusplus
}
#endif

#endif
