// SPDX-License-Identifier: Apache-2.0

// The guest's own handler writes to tracked memory, accesses devices for the first time and maps memory. Its
// faults, which the tracker handles, are nested.

#include "../support/machine.h"
#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>
#include <vmbase/mmio.h>

#define PAGE VMBASE_PAGE_SIZE
#define FREE_RAM (machine.free_ram.begin)

#define EC(esr) ((esr) >> 26 & 0x3f)
#define EC_SVC 0x15

VMBASE_TABLE_POOL(tables, 16);

static volatile uint64_t *data; // the beginning of free RAM
static unsigned int depth;
static unsigned int deepest;
static uint32_t id_in_handler;
static enum vmbase_error error_in_handler = VMBASE_ERROR_CORRUPT;
static enum vmbase_error error_while_busy;

static struct vmbase_range range(uintptr_t begin, uint64_t size_bytes)
{
	return (struct vmbase_range){ begin, begin + size_bytes };
}

static void serve(void)
{
	data[0] = 7;
	id_in_handler = vmbase_mmio_read32(machine.device_register) & machine.device_mask;
	error_in_handler = vmbase_tracker_map(range(FREE_RAM + 16 * PAGE, PAGE), VMBASE_TRACKER_DATA);
	if (error_in_handler == VMBASE_OK) {
		data[16 * PAGE / sizeof(*data)] = 8;
	}
}

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	depth++;
	deepest = depth > deepest ? depth : deepest;
	if (EC(frame->esr) == EC_SVC) {
		serve();
	} else if (vmbase_tracker_handle_exception(frame) != VMBASE_OK) {
		vmbase_exception_report("sync_exception_current", frame);
	}
	depth--;
}

// A source of table pages that calls the tracker while the tracker calls the source.
static bool is_hostile;

static void *allocate(void *context)
{
	if (is_hostile) {
		error_while_busy = vmbase_tracker_map(range(FREE_RAM + 64 * PAGE, PAGE), VMBASE_TRACKER_DATA);
		data[8 * PAGE / sizeof(*data)] = 9;
	}
	return tables.allocate(context);
}

static void tracker_handler(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const struct vmbase_table_pages pages = { .allocate = allocate,
						  .free = tables.free,
						  .context = tables.context };

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	data = (volatile uint64_t *)FREE_RAM;
	tap_ok(vmbase_tracker_start(machine.ram, &pages) == VMBASE_OK &&
		       vmbase_tracker_map(range(FREE_RAM, 16 * PAGE), VMBASE_TRACKER_DATA) == VMBASE_OK &&
		       vmbase_tracker_map(range(machine.device, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK,
	       "the tracker starts");
	__asm__ volatile("svc #0" : : : "memory");
	tap_ok(depth == 0 && data[0] == 7, "a handler writes to tracked memory");
	tap_ok(id_in_handler == machine.device_value, "a handler makes the first access to a device");
	tap_ok(error_in_handler == VMBASE_OK && data[16 * PAGE / sizeof(*data)] == 8, "a handler maps memory");
	tap_ok(deepest == 2, "the handler's faults are nested");
	is_hostile = true;
	tap_ok(vmbase_tracker_map(range(FREE_RAM + 0x400000, PAGE), VMBASE_TRACKER_DATA) == VMBASE_OK &&
		       error_while_busy == VMBASE_ERROR_BUSY,
	       "a source of table pages cannot map memory");
	tap_ok(data[8 * PAGE / sizeof(*data)] == 9, "a source of table pages writes to tracked memory");
	tap_done();
}

VMBASE_MAIN(tracker_handler);
