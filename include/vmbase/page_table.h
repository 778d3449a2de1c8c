// SPDX-License-Identifier: Apache-2.0

// Page tables: stage 1 translations of EL1, 4 KiB granule, virtual addresses of up to 48 bits (Arm DDI 0487,
// issue K.a, The AArch64 Virtual Memory System Architecture).
//
// A table is built, and changed, out of pages that its owner provides, and may be activated, which makes it
// the map that the CPU runs with. Ranges are of virtual addresses, aligned to pages, end exclusive; physical
// addresses have a type of their own, so that the two cannot be mixed up.
//
// All or nothing: a function that returns an error has left every translation as it was. None of them
// panics or waits.
//
// Live changes: to an active table the same functions apply. They take translations out of all CPUs' TLBs
// (Inner Shareable) before they return, once for a range; where the architecture asks for it they break
// before they make: a block that is split, joined or given another memory type is unmapped for a moment, and
// so is a run of 16 entries that share a TLB entry; an interrupt's handler must do without them. What would
// pull the mapping away under the running code gives VMBASE_ERROR_BUSY instead: the image (text, rodata,
// stacks, data, bss), the page or two that the stack pointer is in wherever they are, the struct
// vmbase_page_table and the pages of its tables can be neither unmapped nor broken, nor be given a kind that
// does not let them be executed, read or written as they are.
//
// None of these functions takes a lock: one CPU, and one context of it, works on a table at a time. A handler
// that may interrupt a change of a table does not touch that table.

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

// The bytes of a page, of a table, and what ranges are aligned to.
#define VMBASE_PAGE_SIZE UINT64_C(0x1000)

// A physical address: what the guest takes for one, which its hypervisor translates once more.
struct vmbase_phys {
	uint64_t address;
};

// What a range of memory is for. All kinds are for EL1 alone. Normal memory is Write-Back, Inner Shareable.
enum vmbase_map_kind {
	VMBASE_MAP_CODE = 1, // Normal, read-only, executable
	VMBASE_MAP_RODATA,   // Normal, read-only
	VMBASE_MAP_DATA,     // Normal, readable, writable
	// The same, in pages of which each remembers whether it has been written to. At first none has. The
	// CPU notices the first write where it can (FEAT_HAFDBS); elsewhere that write is a permission fault,
	// for vmbase_page_table_handle_dirty_fault().
	VMBASE_MAP_DATA_TRACKED,
	VMBASE_MAP_DEVICE, // Device-nGnRE, readable, writable
	// The same, but an access to a page is a translation fault until vmbase_page_table_resolve_lazy()
	// has been called for it.
	VMBASE_MAP_DEVICE_LAZY,
};

// For the flags of vmbase_page_table_map(): pages only, no blocks and no runs. It costs tables and TLB
// entries. Any page of the range can then be changed alone while the table is active, without its
// neighbours' being unmapped for a moment.
#define VMBASE_MAP_PAGES_ONLY 0x1u

// Where tables come from: pages of VMBASE_PAGE_SIZE bytes, aligned to that, of Normal memory, readable and
// writable in the map that is active while a table is worked on. The functions do not touch the table that they
// are called for.
struct vmbase_table_pages {
	// Returns a page, whatever its content, or NULL where there is no more.
	void *(*allocate)(void *context);
	// Takes back what allocate() returned. When it is called no walk can reach the page any more.
	void (*free)(void *page, void *context);
	void *context;
	// A page's physical address less its virtual one, modulo 2^64: 0 where memory is mapped to itself.
	uint64_t physical_offset;
};

// A page table. The members are the library's; the struct stays where it is until vmbase_page_table_destroy().
struct vmbase_page_table {
	struct vmbase_table_pages pages;
	uint64_t *root;
	uintptr_t lowest_table; // all tables lie from here to highest_table
	uintptr_t highest_table;
	uint64_t ttbr0;
	uint64_t tcr;
	uint64_t previous_ttbr0;
	uint64_t previous_tcr;
	uint64_t va_end; // virtual and physical addresses lie below these
	uint64_t pa_end;
	uint8_t root_level;
	bool hardware_dirty;
	bool is_active;
};

// Makes an empty table for the virtual addresses below 2^va_bits: 25 to 48 bits; of 39 bits and fewer,
// three levels or two are enough. `asid`, 0 to 255, tags its TLB entries. It takes one page. Any context.
//
// VMBASE_ERROR_INVALID_ARGUMENT: va_bits or asid is out of its range.
// VMBASE_ERROR_NO_MEMORY: `pages` gave no page.
// VMBASE_ERROR_UNALIGNED: it gave one that is not aligned, or physical_offset is not.
// VMBASE_ERROR_OUT_OF_RANGE: it gave one whose physical address the CPU does not have.
enum vmbase_error vmbase_page_table_init(struct vmbase_page_table *table,
					 const struct vmbase_table_pages *pages, unsigned int va_bits,
					 unsigned int asid);

// Gives all pages back. The struct must be initialised again before any other use.
//
// VMBASE_ERROR_BUSY: the table is active.
enum vmbase_error vmbase_page_table_destroy(struct vmbase_page_table *table);

// Makes the table the calling CPU's map (TTBR0_EL1 and TCR_EL1; MAIR_EL1 is the library's since the boot),
// and remembers the one before it. The MMU is off for some instructions, with interrupts masked, and all
// of the CPU's TLB entries are dropped: so the new map may differ from the old one in any way. A table is
// active on one CPU at most.
//
// VMBASE_ERROR_BUSY: the table is active already; or running code would lose its map: the image, the stack in
//     use and the struct itself have to be mapped to themselves, the tables' pages by their physical_offset,
//     each as what it is: text as CODE, rodata as any Normal kind, all others as DATA.
enum vmbase_error vmbase_page_table_activate(struct vmbase_page_table *table);

// Makes the map that vmbase_page_table_activate() found the CPU's again. What that map says must still be
// true, and it must map the running code.
//
// VMBASE_ERROR_INVALID_ARGUMENT: the table is not active.
enum vmbase_error vmbase_page_table_deactivate(struct vmbase_page_table *table);

// Maps a range, of which nothing is mapped yet, to itself; vmbase_page_table_map_to() to the physical addresses
// from `phys` on. `flags` is 0 or VMBASE_MAP_PAGES_ONLY. It uses the largest blocks (1 GiB, 2 MiB) that fit,
// and the Contiguous bit for each aligned run of 16 pages or blocks that the range covers, but for the two
// kinds that come in pages. It takes as many pages as there are new tables.
//
// VMBASE_ERROR_INVALID_ARGUMENT: the kind or a flag does not exist.
// VMBASE_ERROR_UNALIGNED: an address is not aligned to a page, or a page of `pages` is not.
// VMBASE_ERROR_OUT_OF_RANGE: the range is empty, ends before it begins or beyond the virtual addresses; the
//     physical range, or a page of `pages`, ends beyond the CPU's physical addresses.
// VMBASE_ERROR_OVERLAP: some of the range is mapped, be it lazily.
// VMBASE_ERROR_NO_MEMORY: `pages` gave too few.
enum vmbase_error vmbase_page_table_map(struct vmbase_page_table *table, struct vmbase_range range,
					enum vmbase_map_kind kind, unsigned int flags);
enum vmbase_error vmbase_page_table_map_to(struct vmbase_page_table *table, struct vmbase_range range,
					   struct vmbase_phys phys, enum vmbase_map_kind kind,
					   unsigned int flags);

// Unmaps what of a range is mapped: afterwards nothing is. Tables that have become empty are given back. A
// block of which a part remains is split, which takes pages.
//
// VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_ERROR_NO_MEMORY: as vmbase_page_table_map().
// VMBASE_ERROR_BUSY: the table is active, and running code needs the range or what would be broken with it, or
//     `pages` gave a page of the range.
enum vmbase_error vmbase_page_table_unmap(struct vmbase_page_table *table, struct vmbase_range range);

// Makes all of a mapped range of another kind, at the same physical addresses. What is of that kind already
// stays as it is: tracked pages remember what they know. Blocks stay blocks if all of them changes to a kind
// that comes in blocks; otherwise they are split, which takes pages.
//
// VMBASE_ERROR_INVALID_ARGUMENT: the kind does not exist.
// VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_OUT_OF_RANGE, VMBASE_ERROR_NO_MEMORY: as vmbase_page_table_map().
// VMBASE_ERROR_NOT_FOUND: some of the range is not mapped.
// VMBASE_ERROR_BUSY: the table is active, and running code needs the range as it is, or what would be broken;
//     or `pages` gave a page of the range, which would no longer be DATA.
enum vmbase_error vmbase_page_table_protect(struct vmbase_page_table *table, struct vmbase_range range,
					    enum vmbase_map_kind kind);

// Puts back together what small steps have left in pieces, in the tables that the range touches: a full table
// whose entries continue each other becomes a block, and is given back, and runs of 16 that do are marked with
// the Contiguous bit. Not a translation changes, and no page is taken; tracked and lazily mapped pages stay.
//
// VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_OUT_OF_RANGE: as vmbase_page_table_map().
// VMBASE_ERROR_BUSY: the table is active, and running code needs some of what would be broken. That stays as it
//     is; the rest is done.
enum vmbase_error vmbase_page_table_fold(struct vmbase_page_table *table, struct vmbase_range range);

// Looks an address up: where it is mapped to, and as what. Either pointer may be NULL.
//
// VMBASE_ERROR_OUT_OF_RANGE: the table has no such address.
// VMBASE_ERROR_NOT_FOUND: it is not mapped.
enum vmbase_error vmbase_page_table_translate(const struct vmbase_page_table *table, uintptr_t address,
					      struct vmbase_phys *phys, enum vmbase_map_kind *kind);

// A page or a block, or the part of it that lies in the range that is walked.
struct vmbase_mapping {
	struct vmbase_range range;
	struct vmbase_phys phys; // of range.begin
	enum vmbase_map_kind kind;
	bool is_dirty;      // tracked, and written to
	bool is_contiguous; // one of a run of 16 that share a TLB entry
	uint64_t leaf_size; // bytes of the page or block
};

// Calls visit() for each page and block of a range, in ascending order, as long as it returns VMBASE_OK. It
// must not change the table.
//
// VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_OUT_OF_RANGE: as vmbase_page_table_map().
// Any other: what visit() returned.
enum vmbase_error vmbase_page_table_walk(const struct vmbase_page_table *table, struct vmbase_range range,
					 enum vmbase_error (*visit)(const struct vmbase_mapping *mapping,
								    void *context),
					 void *context);

// For a handler, after a translation fault at `address` (FAR_EL1): makes its page, which is lazily mapped, a
// DEVICE one, whose kind is from then on reported as that. A page that is DEVICE already is left alone. The
// access can then be made again.
//
// VMBASE_ERROR_OUT_OF_RANGE: the table has no such address.
// VMBASE_ERROR_NOT_FOUND: it is mapped otherwise or not at all: the fault has another cause.
enum vmbase_error vmbase_page_table_resolve_lazy(struct vmbase_page_table *table, uintptr_t address);

// For a handler, after a permission fault by a write at `address` (FAR_EL1): makes its page, which is tracked,
// dirty and thereby writable. The write can then be made again.
//
// VMBASE_ERROR_OUT_OF_RANGE: the table has no such address.
// VMBASE_ERROR_NOT_FOUND: it is not tracked: the fault has another cause.
enum vmbase_error vmbase_page_table_handle_dirty_fault(struct vmbase_page_table *table, uintptr_t address);

// Makes the dirty pages of a range clean: what they hold is written back to memory, to the Point of Coherency,
// and their next write is noticed again. The range has to be mapped, as it is in this table, in the map that is
// active. What of it is not tracked is left alone.
//
// VMBASE_ERROR_UNALIGNED, VMBASE_ERROR_OUT_OF_RANGE: as vmbase_page_table_map().
enum vmbase_error vmbase_page_table_flush_dirty(struct vmbase_page_table *table, struct vmbase_range range);

#ifdef __cplusplus
}
#endif

#endif
