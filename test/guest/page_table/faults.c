// SPDX-License-Identifier: Apache-2.0

// Faults that a table's owner handles: first writes to tracked pages, on CPUs without hardware dirty states,
// and accesses to lazily mapped devices.

#include "own_map.h"
#include "../support/probe.h"
#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/main.h>
#include <vmbase/mmio.h>

#define HAFDBS_DIRTY 2

static unsigned int dirty_faults;
static unsigned int lazy_faults;

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (ESR_EC(frame->esr) == EC_DATA_ABORT && ESR_IS_PERMISSION_FAULT(frame->esr) &&
	    ESR_IS_WRITE(frame->esr) &&
	    vmbase_page_table_handle_dirty_fault(&own_map, frame->far) == VMBASE_OK) {
		dirty_faults++;
	} else if (ESR_EC(frame->esr) == EC_DATA_ABORT && ESR_IS_TRANSLATION_FAULT(frame->esr) &&
		   vmbase_page_table_resolve_lazy(&own_map, frame->far) == VMBASE_OK) {
		lazy_faults++;
	} else {
		vmbase_exception_report("sync_exception_current", frame);
	}
}

static bool has_hardware_dirty(void)
{
	uint64_t mmfr1;

	__asm__("mrs %0, id_aa64mmfr1_el1" : "=r"(mmfr1));
	return (mmfr1 & 0xf) >= HAFDBS_DIRTY;
}

static enum vmbase_error note_dirty(const struct vmbase_mapping *mapping, void *context)
{
	uint64_t *dirty = context;

	if (mapping->is_dirty) {
		*dirty |= UINT64_C(1) << (mapping->range.begin - FREE_RAM) / PAGE;
	}
	return VMBASE_OK;
}

// Returns a bit for each dirty page.
static uint64_t dirty_pages(void)
{
	uint64_t dirty = 0;

	if (vmbase_page_table_walk(&own_map, range(FREE_RAM, 40 * PAGE), note_dirty, &dirty) != VMBASE_OK) {
		return UINT64_MAX;
	}
	return dirty;
}

static volatile uint8_t *byte_of(unsigned int page)
{
	return (volatile uint8_t *)(FREE_RAM + page * PAGE + 77);
}

static void dirty_tracking(void)
{
	// With hardware dirty states, a write does not fault.
	const unsigned int faults = has_hardware_dirty() ? 0 : 1;

	vmbase_println("# dirty states are kept by %s", faults == 0 ? "the CPU" : "the handler");
	tap_ok(vmbase_page_table_map(&own_map, range(FREE_RAM, 40 * PAGE), VMBASE_MAP_DATA_TRACKED, 0) ==
			       VMBASE_OK &&
		       dirty_pages() == 0,
	       "tracked pages are clean at first");
	tap_ok(*byte_of(3) + 1 > 0 && dirty_pages() == 0 && dirty_faults == 0,
	       "a read leaves tracked pages clean");
	*byte_of(3) = 5;
	*byte_of(17) = 6;
	tap_ok(dirty_pages() == (1 << 3 | 1 << 17) && dirty_faults == 2 * faults,
	       "a write makes its page dirty");
	*byte_of(3) = 7;
	tap_ok(*byte_of(3) == 7 && dirty_faults == 2 * faults, "a second write does not fault");
	tap_ok(vmbase_page_table_flush_dirty(&own_map, range(FREE_RAM, 10 * PAGE)) == VMBASE_OK &&
		       dirty_pages() == 1 << 17 && *byte_of(3) == 7,
	       "a flush makes only its range clean");
	*byte_of(3) = 8;
	tap_ok(dirty_pages() == (1 << 3 | 1 << 17) && dirty_faults == 3 * faults && *byte_of(3) == 8,
	       "the next write makes its page dirty again");
	tap_ok(vmbase_page_table_protect(&own_map, range(FREE_RAM, 20 * PAGE), VMBASE_MAP_DATA) == VMBASE_OK &&
		       dirty_pages() == 0,
	       "memory that is no longer tracked has no dirty pages");
	*byte_of(4) = 9;
	tap_ok(*byte_of(4) == 9 && dirty_faults == 3 * faults, "writes to untracked memory do not fault");
	tap_ok(vmbase_page_table_protect(&own_map, range(FREE_RAM, 20 * PAGE), VMBASE_MAP_DATA_TRACKED) ==
		       VMBASE_OK,
	       "the memory is tracked again");
	*byte_of(4) = 10;
	tap_ok(dirty_pages() == 1 << 4 && dirty_faults == 4 * faults, "writes make tracked pages dirty again");
}

static bool device_answers(void)
{
	return (vmbase_mmio_read32(machine.device_register) & machine.device_mask) == machine.device_value;
}

static void lazy_devices(void)
{
	tap_ok(vmbase_page_table_map(&own_map, range(machine.device, PAGE), VMBASE_MAP_DEVICE_LAZY, 0) ==
		       VMBASE_OK,
	       "a device is mapped lazily");
	tap_ok(device_answers() && lazy_faults == 1, "the first access faults and is repeated");
	tap_ok(device_answers() && lazy_faults == 1, "the second access does not fault");
}

static void page_table_faults(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(own_map_make(39) && vmbase_page_table_activate(&own_map) == VMBASE_OK, "a table is activated");
	dirty_tracking();
	lazy_devices();
	tap_done();
}

VMBASE_MAIN(page_table_faults);
