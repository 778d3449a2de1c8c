// SPDX-License-Identifier: Apache-2.0

// The memory tracker and an MMIO guard that is enforced: it knows of a device from the first access to the
// tear-down, and of nothing else. The static map, the guest's own, has all devices, and shows what the guard
// allows.

#include "../../guest/support/probe.h"
#include "../../guest/support/tap.h"

#include <vmbase/hypervisor.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>

#define PAGE VMBASE_PAGE_SIZE
#define RAM UINT64_C(0x80000000)
#define RAM_END UINT64_C(0x84000000)
#define RTC UINT64_C(0x2000)
#define NO_DEVICE UINT64_C(0x10000) // in another granule than the console, however large a granule is

#define ESR_IS_EXTERNAL_ABORT(esr) (((esr)&0x3f) == 0x10)

VMBASE_TABLE_POOL(tables, 16);

static struct vmbase_range range(uintptr_t begin, uint64_t size_bytes)
{
	return (struct vmbase_range){ begin, begin + size_bytes };
}

static bool is_refused(uint64_t esr)
{
	return ESR_EC(esr) == EC_DATA_ABORT && ESR_IS_EXTERNAL_ABORT(esr);
}

static bool is_unmapped(uint64_t esr)
{
	return ESR_EC(esr) == EC_DATA_ABORT && ESR_IS_TRANSLATION_FAULT(esr);
}

static void tracker_guard(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	size_t granule = 0;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(vmbase_mmio_guard_granule(&granule) == VMBASE_OK, "there is a guard");
	vmbase_println("# granules of %zu bytes", granule);
	const bool has_own_granule = RTC >= granule; // else it shares the console's

	tap_ok(is_refused(probe_read32(RTC)) == has_own_granule, "it does not know of the device");
	tap_ok(vmbase_tracker_start(range(RAM, RAM_END - RAM), &tables) == VMBASE_OK, "the tracker takes over");
	tap_ok(is_unmapped(probe_read32(RTC)) &&
		       vmbase_tracker_handle_translation_fault(RTC) == VMBASE_ERROR_NOT_FOUND,
	       "what the static map has beside the image is not mapped");
	tap_ok(vmbase_tracker_map(range(RTC, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK &&
		       is_unmapped(probe_read32(RTC)),
	       "a device is not mapped before its first access");
	tap_ok(vmbase_tracker_handle_translation_fault(probe_far) == VMBASE_OK && probe_read32(RTC) == 0,
	       "its fault is handled, and the guard told");
	tap_ok(vmbase_tracker_unmap(range(RTC, PAGE)) == VMBASE_OK &&
		       vmbase_tracker_map(range(RTC, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK &&
		       is_unmapped(probe_read32(RTC)) &&
		       vmbase_tracker_handle_translation_fault(probe_far) == VMBASE_OK &&
		       probe_read32(RTC) == 0,
	       "so it is after it was unmapped");
	tap_ok(vmbase_tracker_handle_translation_fault(NO_DEVICE) == VMBASE_ERROR_NOT_FOUND,
	       "the guard is not told of anything else");
	tap_ok(vmbase_tracker_stop() == VMBASE_OK, "the tracker is torn down");
#ifdef GUARD_HAS_MAP_ALONE
	tap_ok(probe_read32(RTC) == 0, "the guard knows of the device for ever");
#else
	tap_ok(is_refused(probe_read32(RTC)) == has_own_granule, "the guard knows of the device no more");
#endif
	tap_ok(is_refused(probe_read32(NO_DEVICE)), "nor of an address that never was a device");
	tap_done();
}

VMBASE_MAIN(tracker_guard);
