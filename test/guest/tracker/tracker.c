// SPDX-License-Identifier: Apache-2.0

// The memory tracker as a guest uses it, with the default handlers: from the static map to its own and back.

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

// Eight virtio-mmio transports are in a page.
#define VIRTIO_MMIO UINT64_C(0x0a000000)
#define VIRTIO_MMIO_SIZE 0x200
#define VIRTIO_MMIO_MAGIC 0x74726976 // "virt"

#define REGIONS 1000 // every other page
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

static void takes_over(void)
{
	tap_ok(vmbase_tracker_table() == NULL && !is_readable(DEVICE) && !is_readable(FREE_RAM),
	       "the static map has the image and no more");
	tap_ok(vmbase_tracker_start(machine.ram, &tables) == VMBASE_OK && vmbase_tracker_table() != NULL,
	       "the tracker takes over");
	tap_ok(is_readable(vmbase_layout_dtb().begin) && !is_writable(vmbase_layout_dtb().begin) &&
		       is_readable(vmbase_layout_text().begin) && !is_writable(vmbase_layout_text().begin) &&
		       is_writable(vmbase_layout_bss().begin),
	       "permissions are as they were");
	tap_ok(!is_readable(vmbase_layout_main_stack().begin - 1) &&
		       !is_readable(vmbase_layout_exception_stack().begin - 1) && !is_readable(DEVICE) &&
		       !is_readable(FREE_RAM),
	       "the guards are, too, and nothing else is mapped");
	tap_ok(vmbase_tracker_start(machine.ram, &tables) == VMBASE_ERROR_BUSY, "it takes over once");
}

static void maps_devices(void)
{
	tap_ok(vmbase_tracker_map(range(DEVICE, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK &&
		       !is_readable(DEVICE),
	       "a device is not mapped before its first access");
	tap_ok(device_answers() && is_writable(DEVICE), "which the default handler lets through");
	tap_ok(device_answers(), "so are all after it");
	tap_ok(vmbase_tracker_unmap(range(DEVICE, PAGE)) == VMBASE_OK && !is_readable(DEVICE),
	       "it is unmapped");
	tap_ok(vmbase_tracker_map(range(DEVICE, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK && device_answers(),
	       "and mapped again");
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
	       "and stay until the last of them is unmapped");
}

static void tracks_what_is_written(void)
{
	tap_ok(vmbase_tracker_map(range(FREE_RAM, DATA_SIZE), VMBASE_TRACKER_DATA) == VMBASE_OK &&
		       dirty_pages() == 0,
	       "data is clean at first");
	tap_ok(*word_at(FREE_RAM + 5 * PAGE) + 1 != 0 && dirty_pages() == 0, "a read leaves it clean");
	*word_at(FREE_RAM) = 1;
	*word_at(FREE_RAM + 5 * PAGE + 8) = 2;
	*word_at(FREE_RAM + 5 * PAGE + 16) = 3;
	*word_at(FREE_RAM + DATA_SIZE - 8) = 4;
	tap_ok(dirty_pages() == 3, "a write makes its page dirty");
	tap_ok(vmbase_tracker_flush() == VMBASE_OK && dirty_pages() == 0, "a flush makes all clean");
	*word_at(FREE_RAM) = 5;
	tap_ok(dirty_pages() == 1 && *word_at(FREE_RAM) == 5 && *word_at(FREE_RAM + 5 * PAGE + 8) == 2,
	       "the next write is noticed again");
	tap_ok(vmbase_tracker_map(range(FREE_RAM + DATA_SIZE, PAGE), VMBASE_TRACKER_DATA_NOFLUSH) == VMBASE_OK,
	       "what is not flushed is mapped");
	*word_at(FREE_RAM + DATA_SIZE) = 6;
	tap_ok(dirty_pages() == 1, "it is never dirty");
	tap_ok(vmbase_tracker_map(range(FREE_RAM + DATA_SIZE + PAGE, PAGE), VMBASE_TRACKER_RODATA) ==
			       VMBASE_OK &&
		       is_readable(FREE_RAM + DATA_SIZE + PAGE) && !is_writable(FREE_RAM + DATA_SIZE + PAGE),
	       "what is read-only is that");
}

static void refuses(void)
{
	tap_ok(vmbase_tracker_map(range(FREE_RAM - PAGE, 2 * PAGE), VMBASE_TRACKER_RODATA) ==
		       VMBASE_ERROR_OVERLAP,
	       "an overlap is refused");
	tap_ok(vmbase_tracker_map(range(vmbase_layout_main_stack().begin - PAGE, PAGE), VMBASE_TRACKER_DATA) ==
		       VMBASE_ERROR_OVERLAP,
	       "so is a guard");
	tap_ok(vmbase_tracker_map(range(RAM_END, PAGE), VMBASE_TRACKER_DATA) == VMBASE_ERROR_OUT_OF_RANGE &&
		       vmbase_tracker_map(range(RAM_END - PAGE, PAGE), VMBASE_TRACKER_MMIO) ==
			       VMBASE_ERROR_OUT_OF_RANGE,
	       "so are RAM outside of RAM, and a device inside");
	tap_ok(vmbase_tracker_map(range(0 - 2 * PAGE, 2 * PAGE), VMBASE_TRACKER_MMIO) ==
		       VMBASE_ERROR_OUT_OF_RANGE,
	       "so is a range that wraps around");
	tap_ok(vmbase_tracker_unmap(range(vmbase_layout_text().begin, PAGE)) == VMBASE_ERROR_BUSY &&
		       vmbase_tracker_unmap(range(vmbase_layout_main_stack().begin, PAGE)) == VMBASE_ERROR_BUSY,
	       "the image stays");
	tap_ok(vmbase_tracker_unmap(vmbase_layout_console()) == VMBASE_ERROR_BUSY, "the console stays");
}

static void shrinks_ram(void)
{
	tap_ok(vmbase_tracker_shrink_ram(range(machine.ram.begin, FREE_RAM + PAGE - machine.ram.begin)) ==
		       VMBASE_ERROR_BUSY,
	       "RAM does not lose what is in use");
	tap_ok(vmbase_tracker_shrink_ram(range(machine.ram.begin, RAM_END - machine.ram.begin - PAGE)) ==
			       VMBASE_OK &&
		       vmbase_tracker_map(range(RAM_END - PAGE, PAGE), VMBASE_TRACKER_DATA) ==
			       VMBASE_ERROR_OUT_OF_RANGE,
	       "it loses what is not");
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
	tap_ok(good && dirty_pages() == REGIONS + 1, "there can be many regions");
	for (uintptr_t i = 0; i < REGIONS; i++) {
		const uintptr_t begin = FREE_RAM + 0x1000000 + 2 * i * PAGE;

		good = good && *word_at(begin) == i && !is_readable(begin + PAGE) &&
		       vmbase_tracker_unmap(range(begin, PAGE)) == VMBASE_OK && !is_readable(begin);
	}
	tap_ok(good, "each is unmapped for itself");
}

static void tears_down(uint64_t static_ttbr0)
{
	const uintptr_t word = FREE_RAM + 5 * PAGE + 8;

	*word_at(word) = UINT64_C(0x1122334455667788);
	tap_ok(ttbr0() != static_ttbr0 && vmbase_tracker_stop() == VMBASE_OK, "it is torn down");
	tap_ok(ttbr0() == static_ttbr0 && vmbase_tracker_table() == NULL && !is_readable(FREE_RAM) &&
		       !is_readable(DEVICE),
	       "the static map is back");
	tap_ok(read_with_mmu_off(word) == UINT64_C(0x1122334455667788) && read_with_mmu_off(FREE_RAM) == 5,
	       "what was written is in memory");
	tap_ok(vmbase_tracker_map(range(FREE_RAM, PAGE), VMBASE_TRACKER_DATA) == VMBASE_ERROR_NOT_FOUND,
	       "nothing is mapped any more");
	tap_ok(vmbase_tracker_start(machine.ram, &tables) == VMBASE_OK &&
		       vmbase_tracker_map(range(FREE_RAM, PAGE), VMBASE_TRACKER_DATA) == VMBASE_OK &&
		       *word_at(FREE_RAM) == 5 && vmbase_tracker_stop() == VMBASE_OK,
	       "until it takes over once more");
}

static void tracker(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const uint64_t static_ttbr0 = ttbr0();

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	takes_over();
	maps_devices();
	// Of virtio-mmio QEMU has eight transports in a page.
	if (machine.is_qemu) {
		maps_devices_that_share_a_page();
	}
	tracks_what_is_written();
	refuses();
	shrinks_ram();
	maps_many();
	tears_down(static_ttbr0);
	tap_done();
}

VMBASE_MAIN(tracker);
