// SPDX-License-Identifier: Apache-2.0

// The memory tracker: a map that grows with what the guest uses, instead of the static one of the boot.
//
// It takes over with all that the static map has, permissions and guards included. From then on memory and
// devices are mapped, to themselves, by the range, with what each range is for: a range that is mapped already,
// or lies where it must not, is an error. There may be as many as the tables have pages for, since the page
// table is all that it keeps. Devices come to life on their first access, MMIO guard (<vmbase/hypervisor.h>)
// included; written memory is remembered until it is flushed. At the end a tear-down leaves memory as the
// program that takes over next wants to find it.
//
// Addresses are those of <vmbase/page_table.h>, below 2^VMBASE_MEMORY_VA_BITS; ranges are aligned to
// VMBASE_PAGE_SIZE. A function that returns an error has changed nothing, unless it says otherwise.
//
// Contexts: any on one CPU, handlers included. A function that is called while it or another of these is at
// work, from a handler that came in between or out of `pages`, gives VMBASE_ERROR_BUSY. Interrupts are masked
// while the map changes, so that a handler never finds it half changed. The functions that handle faults may
// be called at any time.

#ifndef VMBASE_MEMORY_H
#define VMBASE_MEMORY_H

#include <vmbase/error.h>
#include <vmbase/exceptions.h>
#include <vmbase/layout.h>
#include <vmbase/page_table.h>

#include <stdalign.h>

// 1 TiB: all of QEMU's `virt` and of crosvm's machine.
#define VMBASE_MEMORY_VA_BITS 40

enum vmbase_memory_kind {
	VMBASE_MEMORY_RODATA = 1, // RAM, read-only
	VMBASE_MEMORY_DATA,       // RAM, readable, writable, flushed
	// RAM, readable, writable, never flushed: for what nobody reads after the tear-down.
	VMBASE_MEMORY_DATA_NOFLUSH,
	// A device's registers. A page of them is mapped by its first access, of whatever kind, and its granule
	// told to the MMIO guard, if there is one.
	VMBASE_MEMORY_MMIO,
};

// Makes a table, with all that the static map has, and makes it the CPU's map. On platform `custom`, whose
// static map is the guest's own, it has the parts of the image, each with the permissions that
// <vmbase/layout.h> states, and the console's page.
//
// `ram` is where RAM may be: the device tree's, or the largest range in question, for
// vmbase_memory_shrink_ram(). What is mapped as RAM has to lie inside, what is mapped as MMIO outside.
//
// `pages` is copied. It gives memory of the image's writable data, such as VMBASE_TABLE_POOL's: 7 pages for the
// image and the console, then one for each aligned 2 MiB, GiB and 512 GiB that has no table yet and of which
// a range covers a part. DATA and MMIO are mapped page by page, so that they take one for all of their 2 MiB.
//
// VMBASE_ERROR_BUSY: it has taken over already.
// VMBASE_ERROR_UNALIGNED: `ram` is not aligned, or a page of `pages` is not.
// VMBASE_ERROR_OUT_OF_RANGE: `ram` is empty, ends beyond the addresses, or contains the console.
// VMBASE_ERROR_NO_MEMORY: `pages` gave too few, or one that is not of the image's writable data.
enum vmbase_error vmbase_memory_take_over(struct vmbase_range ram, const struct vmbase_table_pages *pages);

// Puts an end to it: writes back what is dirty, unshares all that is shared (<vmbase/sharing.h>), unmaps all
// but the console's granule from the MMIO guard, makes the static map the CPU's again, and gives all pages
// back. After an error from the hypervisor the tracker's map is still in force, and what succeeded is not
// undone: another try is another call.
//
// VMBASE_ERROR_NOT_FOUND: it has not taken over.
// VMBASE_ERROR_BUSY: the stack in use is not of the image, and so not in the static map.
// or the first error of vmbase_unshare_all(), or the first of vmbase_mmio_guard_unmap().
enum vmbase_error vmbase_memory_tear_down(void);

// Each of the following gives VMBASE_ERROR_NOT_FOUND where the tracker has not taken over.

// Maps a range to itself.
//
// VMBASE_ERROR_INVALID_ARGUMENT: the kind does not exist.
// VMBASE_ERROR_UNALIGNED: an address is not aligned to a page.
// VMBASE_ERROR_OUT_OF_RANGE: the range is empty, ends before it begins or beyond the addresses; it is not all
// RAM,
//     or for MMIO, some of it is.
// VMBASE_ERROR_OVERLAP: some of it is mapped, or a guard below a stack.
// VMBASE_ERROR_NO_MEMORY: as vmbase_memory_take_over().
enum vmbase_error vmbase_memory_map(struct vmbase_range range, enum vmbase_memory_kind kind);

// Unmaps a range, of one mapping, of several or of parts of them, after what of it is dirty has been written
// back. What of it the MMIO guard has been told of it is told to forget, but for granules that others need. The
// device tree, which the static map has, may be unmapped, to be mapped otherwise.
//
// VMBASE_ERROR_UNALIGNED: an address is not aligned to a page.
// VMBASE_ERROR_OUT_OF_RANGE: the range is empty, ends before it begins or beyond the addresses, or a part of
//     it is RAM and another is not.
// VMBASE_ERROR_NOT_FOUND: some of it is not mapped.
// VMBASE_ERROR_BUSY: some of it is the image's, the console's, or the stack in use.
// VMBASE_ERROR_NO_MEMORY: as vmbase_memory_take_over(); what is left of a block takes tables.
// or the first error of vmbase_mmio_guard_unmap(). The range is then still mapped.
enum vmbase_error vmbase_memory_unmap(struct vmbase_range range);

// Makes the range of RAM smaller: to what the device tree says. From then on `ram` is RAM to
// <vmbase/sharing.h>, too.
//
// VMBASE_ERROR_UNALIGNED: `ram` is not aligned.
// VMBASE_ERROR_OUT_OF_RANGE: it is empty, or not inside of what has been RAM so far.
// VMBASE_ERROR_BUSY: something outside of it is mapped as RAM.
enum vmbase_error vmbase_memory_shrink_ram(struct vmbase_range ram);

// Writes all that is dirty back to memory, to the Point of Coherency, where it is seen without caches.
// Interrupts are not masked.
enum vmbase_error vmbase_memory_flush(void);

// The table, for vmbase_page_table_translate() and vmbase_page_table_walk(); NULL where the tracker has not
// taken over.
const struct vmbase_page_table *vmbase_memory_table(void);

// Faults
//
// The default sync_exception_current() asks vmbase_memory_handle_exception() first, and reports what is not its
// business. A handler of the guest's does the same. It goes back to the faulting instruction, which is then
// executed again.

// For data aborts of main's and of handlers': calls the one below or the other.
//
// VMBASE_ERROR_NOT_FOUND: nothing that the tracker could handle: a bug, most likely.
// or the error of the one below.
enum vmbase_error vmbase_memory_handle_exception(const struct vmbase_exception_frame *frame);

// After a translation fault at an address, FAR_EL1: if its page is mapped as MMIO, tells the MMIO guard of its
// granule, and completes the mapping. No other address is ever told to the guard.
//
// VMBASE_ERROR_NOT_FOUND: it is not.
// or the error of vmbase_mmio_guard_map(), but for VMBASE_ERROR_UNSUPPORTED where there is no guard.
enum vmbase_error vmbase_memory_handle_translation_fault(uintptr_t address);

// After a permission fault by a write to an address, FAR_EL1: if its page is mapped as DATA, remembers that it
// is dirty, and lets it be written to. On CPUs with FEAT_HAFDBS there are no such faults.
//
// VMBASE_ERROR_NOT_FOUND: it is not.
enum vmbase_error vmbase_memory_handle_permission_fault(uintptr_t address);

// Pages for tables

// Defines `name`, a struct vmbase_table_pages with `count` pages of the image's writable data. They are neither
// part of the raw image nor zeroed at boot. Outside any function:
//
//	VMBASE_TABLE_POOL(tables, 32);
//
//	error = vmbase_memory_take_over(ram, &tables);
#define VMBASE_TABLE_POOL(name, count)                                                                         \
	__attribute__((section(".noinit.vmbase_tables"))) static alignas(                                      \
		VMBASE_PAGE_SIZE) unsigned char name##_memory[count][VMBASE_PAGE_SIZE];                        \
	static struct vmbase_table_pool name##_pool = { .unused = name##_memory[0],                            \
							.end = name##_memory[0] + sizeof(name##_memory) };     \
	static const struct vmbase_table_pages name = { .allocate = vmbase_table_pool_allocate,                \
							.free = vmbase_table_pool_free,                        \
							.context = &name##_pool }

// The members are the library's.
struct vmbase_table_pool {
	unsigned char *unused; // up to end
	unsigned char *end;
	void *given_back; // each page begins with a pointer to the next
};
void *vmbase_table_pool_allocate(void *pool);
void vmbase_table_pool_free(void *pool, void *page);

#endif
