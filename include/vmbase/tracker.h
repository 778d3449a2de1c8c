// SPDX-License-Identifier: Apache-2.0

// The memory tracker: a map of the memory that the guest uses. The tracker replaces the static map of the boot.
//
//     VMBASE_TABLE_POOL(tables, 32);
//
//     vmbase_tracker_start(ram, &tables)
//     vmbase_tracker_map(vmbase_range_at(device, 0x1000), VMBASE_TRACKER_MMIO)
//     …
//     vmbase_tracker_stop()
//
// The tracker starts with the mappings of the static map, permissions and guard pages included. The guest then
// maps ranges of RAM and devices to themselves, each with a kind. The tracker refuses RAM that is already
// mapped, and ranges in a wrong place. The page table is its only data: the number of ranges has no limit
// except the pages for tables. A page of a device is mapped at the first access, also in the MMIO guard
// (<vmbase/hypervisor.h>). Dirty pages are remembered until they are flushed. vmbase_tracker_stop() leaves
// memory as the next program needs it.
//
// Ranges are addresses below 2^VMBASE_TRACKER_VA_BITS, aligned to VMBASE_PAGE_SIZE.
//
// All functions are for one CPU. A call that interrupts another call, or that a function of `pages` makes,
// returns VMBASE_ERROR_BUSY, except for the functions that handle faults. Interrupts are masked while the map
// changes, so that no handler finds a half-changed map. vmbase_tracker_stop(), vmbase_tracker_add_ram() and
// vmbase_tracker_shrink_ram() call functions of <vmbase/sharing.h>: a handler that may have interrupted such a
// function must not call them.

#ifndef VMBASE_TRACKER_H
#define VMBASE_TRACKER_H

#include <vmbase/error.h>
#include <vmbase/exceptions.h>
#include <vmbase/page_table.h>
#include <vmbase/range.h>

#include <stdalign.h>

#ifdef __cplusplus
extern "C" {
#endif

// 1 TiB: all of QEMU's machine `virt`, and of crosvm's.
#define VMBASE_TRACKER_VA_BITS 40

// The kind of a range.
enum vmbase_tracker_kind {
	VMBASE_TRACKER_RODATA = 1, // RAM, read-only
	VMBASE_TRACKER_DATA,       // RAM, readable, writable, flushed
	// RAM, readable, writable, not flushed: memory that is not read after vmbase_tracker_stop().
	VMBASE_TRACKER_DATA_NOFLUSH,
	// A device's registers. The first access to a page, a read or a write, maps the page, and maps its
	// granule in the MMIO guard, if there is a guard.
	VMBASE_TRACKER_MMIO,
};

// Starts the tracker: makes a table with the mappings of the static map, and makes it the CPU's map. On
// platform `custom`, where the static map is the guest's own, the table has the parts of the image, with the
// permissions in <vmbase/layout.h>, and the console's page.
//
// `ram` is the range in which RAM may be mapped; devices are mapped outside of it. It is the RAM of the device
// tree, or a larger range that vmbase_tracker_shrink_ram() makes smaller later.
//
// `pages` is copied. It gives pages of the image's writable data that are mapped to themselves, as
// VMBASE_TABLE_POOL does. The start takes 7 pages if the parts of the image are in two blocks of 2 MiB. A range
// takes a page for each block of 2 MiB, 1 GiB and 512 GiB that it covers partly and that has no table yet. DATA
// and MMIO are mapped in pages: a range takes a page for each block of 2 MiB that it touches.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY              if the tracker has been started, if the current stack is not the image's, or
//                                  if the call interrupts another call
//   VMBASE_ERROR_INVALID_ARGUMENT  if physical_offset of `pages` is not 0
//   VMBASE_ERROR_UNALIGNED         if `ram` or a page of `pages` is not aligned
//   VMBASE_ERROR_OUT_OF_RANGE      if `ram` is empty, ends beyond the addresses, or contains the console
//   VMBASE_ERROR_NO_MEMORY         if `pages` has too few pages, or gives a page that is not the image's
enum vmbase_error vmbase_tracker_start(struct vmbase_range ram, const struct vmbase_table_pages *pages);

// Stops the tracker: writes dirty pages back, unshares all shared memory (<vmbase/sharing.h>), unmaps all
// devices except the console in the MMIO guard, restores the static map, and gives all pages back. After an
// error of the hypervisor the tracker stays active, and the steps before the error stay done: call it again to
// retry.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the tracker has not been started
//   VMBASE_ERROR_BUSY       if the current stack is not the image's, because the static map may not have it; or
//                           if the call interrupts another call
//   the first error of vmbase_sharing_unshare_all() or of vmbase_mmio_guard_unmap()
enum vmbase_error vmbase_tracker_stop(void);

// Maps a range to itself. Several devices may share a page: a page of MMIO that is already mapped, or that is
// the console's, gets one more user, up to 4096. While there are pages with several users, they cost one page
// of `pages`.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND         if the tracker has not been started
//   VMBASE_ERROR_BUSY              if the call interrupts another call
//   VMBASE_ERROR_INVALID_ARGUMENT  if the kind does not exist
//   VMBASE_ERROR_UNALIGNED         if an address, or a page of `pages`, is not aligned to a page
//   VMBASE_ERROR_OUT_OF_RANGE      if the range is empty, ends before it begins or beyond the addresses; if
//                                  part of it is not RAM, or for MMIO, if part of it is RAM
//   VMBASE_ERROR_OVERLAP           if part of the range is already mapped (for MMIO: with another kind), is a
//                                  guard page of a stack, or is the page of a console that is mapped at
//                                  another address (vmbase_layout_console())
//   VMBASE_ERROR_NO_MEMORY         as vmbase_tracker_start(); or if more than 511 pages would have several
//                                  users, or one page more than 4096
enum vmbase_error vmbase_tracker_map(struct vmbase_range range, enum vmbase_tracker_kind kind);

// Unmaps a range, which may consist of several mapped ranges or of parts of them. Dirty pages are written back
// first. The MMIO guard unmaps the devices, except for granules in which other devices are mapped. A page of
// MMIO with several users stays mapped, with one user less. The device tree, which the static map has, may be
// unmapped, so that it can be mapped with another kind.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_UNALIGNED     if an address, or a page of `pages`, is not aligned to a page
//   VMBASE_ERROR_OUT_OF_RANGE  if the range is empty, ends before it begins or beyond the addresses, or is
//                              partly RAM
//   VMBASE_ERROR_NOT_FOUND     if part of the range is not mapped, or if the tracker has not been started
//   VMBASE_ERROR_BUSY          if part of the range is the image's, the current stack, or a page that only the
//                              console uses; if a block that must be split contains the current stack; or if
//                              the call interrupts another call
//   VMBASE_ERROR_NO_MEMORY     as vmbase_tracker_start(), if part of a block stays mapped
//   the first error of vmbase_mmio_guard_unmap(): then the whole range is still mapped
enum vmbase_error vmbase_tracker_unmap(struct vmbase_range range);

// Adds a range of RAM, for example the RAM above 4 GiB, also for <vmbase/sharing.h>. Ranges that touch or
// overlap become one range.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if the tracker has not been started
//   VMBASE_ERROR_BUSY          if the call interrupts another call
//   VMBASE_ERROR_UNALIGNED     if `ram` is not aligned
//   VMBASE_ERROR_OUT_OF_RANGE  if `ram` is empty or ends beyond the addresses
//   VMBASE_ERROR_OVERLAP       if a device or the console is mapped in `ram`
//   VMBASE_ERROR_NO_MEMORY     if RAM has VMBASE_TRACKER_RAM_RANGES ranges
enum vmbase_error vmbase_tracker_add_ram(struct vmbase_range ram);

// The largest number of ranges of RAM.
#define VMBASE_TRACKER_RAM_RANGES 16

// Makes `ram` the only range of RAM, for example after the device tree has been read, also for
// <vmbase/sharing.h>.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if the tracker has not been started
//   VMBASE_ERROR_UNALIGNED     if `ram` is not aligned
//   VMBASE_ERROR_OUT_OF_RANGE  if `ram` is empty, or not inside of the previous RAM
//   VMBASE_ERROR_BUSY          if memory outside of `ram` is mapped as RAM, or if the call interrupts another
//                              call
enum vmbase_error vmbase_tracker_shrink_ram(struct vmbase_range ram);

// Writes dirty pages back to memory, to the Point of Coherency, so that accesses without caches see them. The
// time is linear in the pages and cache lines. Interrupts are not masked during this time: a page that a
// handler writes is dirty again.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the tracker has not been started
//   VMBASE_ERROR_BUSY       if the call interrupts another call
enum vmbase_error vmbase_tracker_flush(void);

// Returns the table, for vmbase_page_table_translate() and vmbase_page_table_walk(), or NULL if the tracker has
// not been started.
//
// Context: main and handlers
const struct vmbase_page_table *vmbase_tracker_table(void);

// Faults
//
// The default sync_exception_current() calls vmbase_tracker_handle_exception() before it reports the exception.
// The guest's own handler may do the same. If the result is VMBASE_OK, the handler returns, and the access is
// repeated.

// Handles an exception that was taken from main or from a handler: calls one of the next two functions if the
// exception is a data abort of the right kind.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the exception has another cause, most likely a bug
//   the other errors of the two functions
enum vmbase_error vmbase_tracker_handle_exception(const struct vmbase_exception_frame *frame);

// Handles a translation fault at `address` (FAR_EL1): if the access is the first one to a page of MMIO, maps
// its granule in the MMIO guard, and then the page. No other address is mapped in the guard.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the fault has another cause
//   the error of vmbase_mmio_guard_map()
enum vmbase_error vmbase_tracker_handle_translation_fault(uintptr_t address);

// Handles a permission fault of a write at `address` (FAR_EL1): if the write is the first one to a page of
// DATA, makes the page dirty and writable. A CPU with FEAT_HAFDBS has no faults of this kind.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the fault has another cause
enum vmbase_error vmbase_tracker_handle_permission_fault(uintptr_t address);

// Pages for tables

// Defines `name`, a struct vmbase_table_pages with `count` pages of the image's writable data. The pages are
// neither in the raw image nor zeroed at boot. The macro stands outside of any function.
#define VMBASE_TABLE_POOL(name, count)                                                                         \
	__attribute__((                                                                                        \
		section(".noinit.vmbase_tables"),                                                              \
		aligned(VMBASE_PAGE_SIZE))) static unsigned char name##_memory[count][VMBASE_PAGE_SIZE];       \
	static struct vmbase_table_pool name##_pool = { name##_memory[0],                                      \
							name##_memory[0] + sizeof(name##_memory), NULL };      \
	__attribute__((unused)) static const struct vmbase_table_pages name = { vmbase_table_pool_allocate,    \
										vmbase_table_pool_free,        \
										&name##_pool, 0 }

// A pool of pages. The members are private.
struct vmbase_table_pool {
	unsigned char *unused; // up to end
	unsigned char *end;
	void *given_back; // the first word of each page points to the next
};

// Give a page of the pool, or NULL, and take it back: the functions of VMBASE_TABLE_POOL. They take no lock.
//
// Context: main and handlers
void *vmbase_table_pool_allocate(void *pool);
void vmbase_table_pool_free(void *page, void *pool);

#ifdef __cplusplus
}
#endif

#endif
