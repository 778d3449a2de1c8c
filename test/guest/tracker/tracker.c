// SPDX-License-Identifier: Apache-2.0

// The memory tracker with the default handlers: start, mapping, faults, and stop.

#include "../support/machine.h"
#include "../support/tap.h"
#include "tracker_mmu_off.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>
#include <vmbase/mmio.h>

#define PAGE VMBASE_PAGE_SIZE

#define FREE_RAM (machine.free_ram.begin)
#define RAM_END (machine.ram.end)
#define DEVICE (machine.device)

// One page has eight virtio-mmio transports.
#define VIRTIO_MMIO UINT64_C(0x0a000000)
#define VIRTIO_MMIO_SIZE 0x200
#define VIRTIO_MMIO_MAGIC 0x74726976 // "virt"

#define REGIONS 1000 // each followed by an unmapped page
#define DATA_SIZE (600 * PAGE)

#define PAR_FAULT 1

VMBASE_TABLE_POOL(tables, 24);

static struct vmbase_range range(uintptr_t begin, uint64_t size_bytes)
{
	return (struct vmbase_range){ begin, begin + size_bytes };
}

static uint64_t ttbr0(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, ttbr0_el1" : "=r"(value));
	return value;
}

static bool is_readable(uintptr_t address)
{
	uint64_t par;

	__asm__ volatile("at s1e1r, %1\n\tisb\n\tmrs %0, par_el1" : "=r"(par) : "r"(address) : "memory");
	return (par & PAR_FAULT) == 0;
}

static bool is_writable(uintptr_t address)
{
	uint64_t par;

	__asm__ volatile("at s1e1w, %1\n\tisb\n\tmrs %0, par_el1" : "=r"(par) : "r"(address) : "memory");
	return (par & PAR_FAULT) == 0;
}

static enum vmbase_error count_dirty(const struct vmbase_mapping *mapping, void *context)
{
	*(unsigned int *)context += mapping->is_dirty ? 1 : 0;
	return VMBASE_OK;
}

static unsigned int dirty_pages(void)
{
	unsigned int count = 0;

	return vmbase_page_table_walk(vmbase_tracker_table(), machine.ram, count_dirty, &count) == VMBASE_OK
		       ? count
		       : UINT32_MAX;
}

static bool device_answers(void)
{
	return (vmbase_mmio_read32(machine.device_register) & machine.device_mask) == machine.device_value;
}

static volatile uint64_t *word_at(uintptr_t address)
{
	return (volatile uint64_t *)address;
}

static void starts(void)
{
	tap_ok(vmbase_tracker_table() == NULL && !is_readable(DEVICE) && !is_readable(FREE_RAM),
	       "the static map has only the image");
	tap_ok(vmbase_tracker_start(machine.ram, &tables) == VMBASE_OK && vmbase_tracker_table() != NULL,
	       "the tracker starts");
	tap_ok(is_readable(vmbase_layout_dtb().begin) && !is_writable(vmbase_layout_dtb().begin) &&
		       is_readable(vmbase_layout_text().begin) && !is_writable(vmbase_layout_text().begin) &&
		       is_writable(vmbase_layout_bss().begin),
	       "permissions are unchanged");
	tap_ok(!is_readable(vmbase_layout_main_stack().begin - 1) &&
		       !is_readable(vmbase_layout_exception_stack().begin - 1) && !is_readable(DEVICE) &&
		       !is_readable(FREE_RAM),
	       "guard pages are unmapped, and so is everything else");
	tap_ok(vmbase_tracker_start(machine.ram, &tables) == VMBASE_ERROR_BUSY, "a second start is refused");
}

static void maps_devices(void)
{
	tap_ok(vmbase_tracker_map(range(DEVICE, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK &&
		       !is_readable(DEVICE),
	       "a device is not mapped before its first access");
	tap_ok(device_answers() && is_writable(DEVICE), "the first access maps the device");
	tap_ok(device_answers(), "further accesses reach the device");
	tap_ok(vmbase_tracker_unmap(range(DEVICE, PAGE)) == VMBASE_OK && !is_readable(DEVICE),
	       "the device is unmapped");
	tap_ok(vmbase_tracker_map(range(DEVICE, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK && device_answers(),
	       "the device is mapped again");
}

// Each of eight drivers maps the page of its transport, reads, and unmaps it.
static void maps_devices_that_share_a_page(void)
{
	const struct vmbase_range page = range(VIRTIO_MMIO, PAGE);
	bool good = true;

	for (uintptr_t transport = 0; transport < PAGE; transport += VIRTIO_MMIO_SIZE) {
		good = vmbase_tracker_map(page, VMBASE_TRACKER_MMIO) == VMBASE_OK &&
		       vmbase_mmio_read32(VIRTIO_MMIO + transport) == VIRTIO_MMIO_MAGIC && good;
	}
	tap_ok(good, "devices in one page are mapped");
	for (uintptr_t transport = 0; transport < PAGE; transport += VIRTIO_MMIO_SIZE) {
		good = is_readable(VIRTIO_MMIO) && vmbase_tracker_unmap(page) == VMBASE_OK && good;
	}
	tap_ok(good && !is_readable(VIRTIO_MMIO) && vmbase_tracker_unmap(page) == VMBASE_ERROR_NOT_FOUND,
	       "the page stays mapped until its last device is unmapped");
}

static void tracks_writes(void)
{
	tap_ok(vmbase_tracker_map(range(FREE_RAM, DATA_SIZE), VMBASE_TRACKER_DATA) == VMBASE_OK &&
		       dirty_pages() == 0,
	       "mapped data is clean at first");
	tap_ok(*word_at(FREE_RAM + 5 * PAGE) + 1 != 0 && dirty_pages() == 0, "a read leaves data clean");
	*word_at(FREE_RAM) = 1;
	*word_at(FREE_RAM + 5 * PAGE + 8) = 2;
	*word_at(FREE_RAM + 5 * PAGE + 16) = 3;
	*word_at(FREE_RAM + DATA_SIZE - 8) = 4;
	tap_ok(dirty_pages() == 3, "a write makes its page dirty");
	tap_ok(vmbase_tracker_flush() == VMBASE_OK && dirty_pages() == 0, "a flush makes all pages clean");
	*word_at(FREE_RAM) = 5;
	tap_ok(dirty_pages() == 1 && *word_at(FREE_RAM) == 5 && *word_at(FREE_RAM + 5 * PAGE + 8) == 2,
	       "the next write makes its page dirty again");
	tap_ok(vmbase_tracker_map(range(FREE_RAM + DATA_SIZE, PAGE), VMBASE_TRACKER_DATA_NOFLUSH) == VMBASE_OK,
	       "data without flushing is mapped");
	*word_at(FREE_RAM + DATA_SIZE) = 6;
	tap_ok(dirty_pages() == 1, "data without flushing is never dirty");
	tap_ok(vmbase_tracker_map(range(FREE_RAM + DATA_SIZE + PAGE, PAGE), VMBASE_TRACKER_RODATA) ==
			       VMBASE_OK &&
		       is_readable(FREE_RAM + DATA_SIZE + PAGE) && !is_writable(FREE_RAM + DATA_SIZE + PAGE),
	       "read-only data can be read and not written");
}

static void refuses(void)
{
	tap_ok(vmbase_tracker_map(range(FREE_RAM - PAGE, 2 * PAGE), VMBASE_TRACKER_RODATA) ==
		       VMBASE_ERROR_OVERLAP,
	       "map refuses an overlap");
	tap_ok(vmbase_tracker_map(range(vmbase_layout_main_stack().begin - PAGE, PAGE), VMBASE_TRACKER_DATA) ==
		       VMBASE_ERROR_OVERLAP,
	       "map refuses a guard page");
	tap_ok(vmbase_tracker_map(range(RAM_END, PAGE), VMBASE_TRACKER_DATA) == VMBASE_ERROR_OUT_OF_RANGE &&
		       vmbase_tracker_map(range(RAM_END - PAGE, PAGE), VMBASE_TRACKER_MMIO) ==
			       VMBASE_ERROR_OUT_OF_RANGE,
	       "map refuses data outside RAM and devices inside RAM");
	tap_ok(vmbase_tracker_map(range(0 - 2 * PAGE, 2 * PAGE), VMBASE_TRACKER_MMIO) ==
		       VMBASE_ERROR_OUT_OF_RANGE,
	       "map refuses a range that wraps around");
	tap_ok(vmbase_tracker_unmap(range(vmbase_layout_text().begin, PAGE)) == VMBASE_ERROR_BUSY &&
		       vmbase_tracker_unmap(range(vmbase_layout_main_stack().begin, PAGE)) == VMBASE_ERROR_BUSY,
	       "unmap refuses the image");
	tap_ok(vmbase_tracker_unmap(vmbase_layout_console()) == VMBASE_ERROR_BUSY, "unmap refuses the console");
}

static void shrinks_ram(void)
{
	tap_ok(vmbase_tracker_shrink_ram(range(machine.ram.begin, FREE_RAM + PAGE - machine.ram.begin)) ==
		       VMBASE_ERROR_BUSY,
	       "shrink refuses to exclude mapped RAM");
	tap_ok(vmbase_tracker_shrink_ram(range(machine.ram.begin, RAM_END - machine.ram.begin - PAGE)) ==
			       VMBASE_OK &&
		       vmbase_tracker_map(range(RAM_END - PAGE, PAGE), VMBASE_TRACKER_DATA) ==
			       VMBASE_ERROR_OUT_OF_RANGE,
	       "shrink excludes unused RAM");
}

static void maps_many(void)
{
	bool good = true;

	for (uintptr_t i = 0; i < REGIONS; i++) {
		good = good && vmbase_tracker_map(range(FREE_RAM + 0x1000000 + 2 * i * PAGE, PAGE),
						  VMBASE_TRACKER_DATA) == VMBASE_OK;
	}
	for (uintptr_t i = 0; i < REGIONS; i++) {
		*word_at(FREE_RAM + 0x1000000 + 2 * i * PAGE) = i;
	}
	tap_ok(good && dirty_pages() == REGIONS + 1, "1000 regions are mapped and tracked");
	for (uintptr_t i = 0; i < REGIONS; i++) {
		const uintptr_t begin = FREE_RAM + 0x1000000 + 2 * i * PAGE;

		good = good && *word_at(begin) == i && !is_readable(begin + PAGE) &&
		       vmbase_tracker_unmap(range(begin, PAGE)) == VMBASE_OK && !is_readable(begin);
	}
	tap_ok(good, "each region is unmapped alone");
}

static void stops(uint64_t static_ttbr0)
{
	const uintptr_t word = FREE_RAM + 5 * PAGE + 8;

	*word_at(word) = UINT64_C(0x1122334455667788);
	tap_ok(ttbr0() != static_ttbr0 && vmbase_tracker_stop() == VMBASE_OK, "the tracker stops");
	tap_ok(ttbr0() == static_ttbr0 && vmbase_tracker_table() == NULL && !is_readable(FREE_RAM) &&
		       !is_readable(DEVICE),
	       "the static map is active again");
	tap_ok(read_with_mmu_off(word) == UINT64_C(0x1122334455667788) && read_with_mmu_off(FREE_RAM) == 5,
	       "written data is in memory");
	tap_ok(vmbase_tracker_map(range(FREE_RAM, PAGE), VMBASE_TRACKER_DATA) == VMBASE_ERROR_NOT_FOUND,
	       "map is refused after the stop");
	tap_ok(vmbase_tracker_start(machine.ram, &tables) == VMBASE_OK &&
		       vmbase_tracker_map(range(FREE_RAM, PAGE), VMBASE_TRACKER_DATA) == VMBASE_OK &&
		       *word_at(FREE_RAM) == 5 && vmbase_tracker_stop() == VMBASE_OK,
	       "the tracker starts and stops again");
}

static void tracker(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const uint64_t static_ttbr0 = ttbr0();

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	starts();
	maps_devices();
	// QEMU has eight virtio-mmio transports in a page.
	if (machine.is_qemu) {
		maps_devices_that_share_a_page();
	}
	tracks_writes();
	refuses();
	shrinks_ram();
	maps_many();
	stops(static_ttbr0);
	tap_done();
}

VMBASE_MAIN(tracker);
