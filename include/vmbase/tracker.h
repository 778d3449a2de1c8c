// SPDX-License-Identifier: Apache-2.0

// The memory tracker: a map that grows with what the guest uses, in place of the static one of the boot.
//
// It takes over with all that the static map has, permissions and guards included. From then on the guest maps
// RAM and devices, to themselves, by the range, and says what each is for; RAM that is mapped already, or what
// lies where it must not, is refused. There is no limit to their number but the pages of the tables, for the
// page table is all that the tracker keeps. A device comes to life on its first access, MMIO guard
// (<vmbase/hypervisor.h>) included; what is written is remembered until it is flushed. A tear-down at the end
// leaves memory as the program that comes next has to find it.
//
// Ranges are of addresses below 2^VMBASE_TRACKER_VA_BITS, aligned to VMBASE_PAGE_SIZE. A function that returns
// an error has changed nothing, unless it says otherwise.
//
// Contexts: all functions are for one CPU, and may be called from handlers. While one of them is at work, one
// that is called by a handler that came in between, or by a function of `pages`, gives VMBASE_ERROR_BUSY.
// Interrupts are masked while the map changes, so that no handler meets it half changed. Those that handle
// faults may be called at any time.

#ifndef VMBASE_TRACKER_H
#define VMBASE_TRACKER_H

#include <vmbase/error.h>
#include <vmbase/exceptions.h>
#include <vmbase/range.h>
#include <vmbase/page_table.h>

#include <stdalign.h>

#ifdef __cplusplus
extern "C" {
#endif

// 1 TiB: all of QEMU's machine `virt`, and of crosvm's.
#define VMBASE_TRACKER_VA_BITS 40

enum vmbase_tracker_kind {
	VMBASE_TRACKER_RODATA = 1, // RAM, read-only
	VMBASE_TRACKER_DATA,       // RAM, readable, writable, flushed
	// RAM, readable, writable, not flushed: what nobody reads after the tear-down.
	VMBASE_TRACKER_DATA_NOFLUSH,
	// A device's registers. The first access to a page, be it a read or a write, maps it, and tells the
	// MMIO guard of its granule, if there is a guard.
	VMBASE_TRACKER_MMIO,
};

// Makes a table that has all of the static map, and makes it the CPU's map. On platform `custom`, where the
// static map is the guest's own, it has the parts of the image, each with the permissions that
// <vmbase/range.h> states, and the console's page.
//
// `ram` is where RAM may be: what the device tree says, or all that is possible, to be shrunk later. RAM is
// mapped inside of it only, devices outside.
//
// `pages` is copied. It gives pages of the image's writable data, as those of VMBASE_TABLE_POOL are, mapped to
// themselves: 7 for an image that has its parts in two blocks of 2 MiB, later one for each block of 2 MiB, 1
// GiB and 512 GiB of which a range covers a part and that has no table yet. DATA and MMIO are mapped page by
// page: of them a range takes one for each block of 2 MiB that it touches.
//
// VMBASE_ERROR_BUSY: it has taken over already, or the stack in use is not the image's.
// VMBASE_ERROR_INVALID_ARGUMENT: the physical_offset of `pages` is not 0.
// VMBASE_ERROR_UNALIGNED: `ram` is not aligned, or a page of `pages` is not.
// VMBASE_ERROR_OUT_OF_RANGE: `ram` is empty, ends beyond the addresses, or contains the console.
// VMBASE_ERROR_NO_MEMORY: `pages` gave too few, or one that is not the image's.
enum vmbase_error vmbase_tracker_start(struct vmbase_range ram, const struct vmbase_table_pages *pages);

// Ends it: writes back what is dirty, unshares all that is shared (<vmbase/sharing.h>), tells the MMIO guard to
// forget all devices but the console, makes the static map the CPU's again, and gives all pages back. After an
// error of the hypervisor's the tracker is still in force, but what has been done until then is done: another
// try is another call.
//
// VMBASE_ERROR_NOT_FOUND: it has not taken over.
// VMBASE_ERROR_BUSY: the stack in use is not the image's, and may not be in the static map.
// or the first error of vmbase_sharing_unshare_all(), or of vmbase_mmio_guard_unmap().
enum vmbase_error vmbase_tracker_stop(void);

// Each of the next five gives VMBASE_ERROR_NOT_FOUND, too, where the tracker has not taken over.

// Maps a range to itself. Devices may be smaller than a page: pages of MMIO that are mapped already, or are the
// console's, have one user more afterwards. While there are such pages they take a page of `pages`.
//
// VMBASE_ERROR_INVALID_ARGUMENT: the kind does not exist.
// VMBASE_ERROR_UNALIGNED: an address is not aligned to a page.
// VMBASE_ERROR_OUT_OF_RANGE: the range is empty, ends before it begins or beyond the addresses; some of it is
//     not RAM, or for MMIO, some of it is.
// VMBASE_ERROR_OVERLAP: some of it is mapped, for MMIO otherwise than as MMIO, or is a guard below a stack.
// VMBASE_ERROR_NO_MEMORY: as vmbase_tracker_start(); or more than 511 pages would have several users.
enum vmbase_error vmbase_tracker_map(struct vmbase_range range, enum vmbase_tracker_kind kind);

// Unmaps a range: a mapped one, several, or parts of them. What of it is dirty is written back first, and the
// MMIO guard forgets its devices, but for granules in which others are mapped. A page of MMIO that has been
// mapped several times stays, with one user less, until the last one unmaps it. It may be the device tree's,
// which the static map has, so that it can be mapped otherwise.
//
// VMBASE_ERROR_UNALIGNED: an address is not aligned to a page.
// VMBASE_ERROR_OUT_OF_RANGE: the range is empty, ends before it begins or beyond the addresses, or has a part
//     that is RAM and one that is not.
// VMBASE_ERROR_NOT_FOUND: some of it is not mapped.
// VMBASE_ERROR_BUSY: some of it is the image's, the console's alone, or the stack in use.
// VMBASE_ERROR_NO_MEMORY: as vmbase_tracker_start(), where a part of a block is to stay.
// or the first error of vmbase_mmio_guard_unmap(): then all of the range is still mapped.
enum vmbase_error vmbase_tracker_unmap(struct vmbase_range range);

// Says that there is RAM there, too, as where a machine has more above 4 GiB. Ranges that touch or overlap
// become one. <vmbase/sharing.h> is told.
//
// VMBASE_ERROR_UNALIGNED: `ram` is not aligned.
// VMBASE_ERROR_OUT_OF_RANGE: it is empty, or ends beyond the addresses.
// VMBASE_ERROR_OVERLAP: a device is mapped there, or the console is.
// VMBASE_ERROR_NO_MEMORY: RAM has VMBASE_TRACKER_RAM_RANGES ranges.
enum vmbase_error vmbase_tracker_add_ram(struct vmbase_range ram);
#define VMBASE_TRACKER_RAM_RANGES 16

// Makes RAM smaller: when the device tree has been read, say. From then on RAM is `ram` alone, for
// <vmbase/sharing.h>, too.
//
// VMBASE_ERROR_UNALIGNED: `ram` is not aligned.
// VMBASE_ERROR_OUT_OF_RANGE: it is empty, or not inside of what has been RAM so far.
// VMBASE_ERROR_BUSY: something is mapped as RAM that would be outside.
enum vmbase_error vmbase_tracker_shrink_ram(struct vmbase_range ram);

// Writes what is dirty back to memory, to the Point of Coherency, where it is seen without caches too. It takes
// time by the page and cache line, in which interrupts are not masked: what a handler writes is dirty again.
enum vmbase_error vmbase_tracker_flush(void);

// The table, for vmbase_page_table_translate() and vmbase_page_table_walk(); NULL where the tracker has not
// taken over.
const struct vmbase_page_table *vmbase_tracker_table(void);

// Faults
//
// The default sync_exception_current() asks vmbase_tracker_handle_exception() before it reports. A handler of
// the guest's own may do the same, and returns where the answer is VMBASE_OK: the access is then made again.

// For an exception taken out of main or a handler: calls one of the next two, where it is a data abort for
// them.
//
// VMBASE_ERROR_NOT_FOUND: it is none, or they say so: most likely a bug.
// or their other errors.
enum vmbase_error vmbase_tracker_handle_exception(const struct vmbase_exception_frame *frame);

// For a translation fault at `address` (FAR_EL1): if it was the first access to a page of MMIO, tells the MMIO
// guard, and maps the page. The guard is told of no other address.
//
// VMBASE_ERROR_NOT_FOUND: it was not: the fault has another cause.
// or the error of vmbase_mmio_guard_map().
enum vmbase_error vmbase_tracker_handle_translation_fault(uintptr_t address);

// For a permission fault of a write at `address` (FAR_EL1): if it was the first to a page of DATA, remembers
// that the page is dirty, and allows it. Where the CPU has FEAT_HAFDBS there are no such faults.
//
// VMBASE_ERROR_NOT_FOUND: it was not: the fault has another cause.
enum vmbase_error vmbase_tracker_handle_permission_fault(uintptr_t address);

// Pages for tables

// Defines `name`, a struct vmbase_table_pages that has `count` pages of the image's writable data. They are
// neither in the raw image nor zeroed at boot. It stands outside of any function:
//
//	VMBASE_TABLE_POOL(tables, 32);
//	...
//	error = vmbase_tracker_start(ram, &tables);
#define VMBASE_TABLE_POOL(name, count)                                                                         \
	__attribute__((                                                                                        \
		section(".noinit.vmbase_tables"),                                                              \
		aligned(VMBASE_PAGE_SIZE))) static unsigned char name##_memory[count][VMBASE_PAGE_SIZE];       \
	static struct vmbase_table_pool name##_pool = { name##_memory[0],                                      \
							name##_memory[0] + sizeof(name##_memory), NULL };      \
	__attribute__((unused)) static const struct vmbase_table_pages name = { vmbase_table_pool_allocate,    \
										vmbase_table_pool_free,        \
										&name##_pool, 0 }

// The members are the library's.
struct vmbase_table_pool {
	unsigned char *unused; // up to end
	unsigned char *end;
	void *given_back; // the first word of each page points to the next
};
void *vmbase_table_pool_allocate(void *pool);
void vmbase_table_pool_free(void *page, void *pool);

#ifdef __cplusplus
}
#endif

#endif
