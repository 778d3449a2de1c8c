// SPDX-License-Identifier: Apache-2.0

// An MMIO guard that is enforced: what has not been mapped aborts, what has does not.

#include "../../guest/support/probe.h"
#include "../../guest/support/tap.h"

#include <vmbase/hypervisor.h>
#include <vmbase/main.h>

#define RTC UINT64_C(0x2000)
#define NO_DEVICE UINT64_C(0x10000) // in another granule than the console, however large a granule is

#define ESR_IS_EXTERNAL_ABORT(esr) (((esr)&0x3f) == 0x10)

static bool is_refused(uint64_t esr)
{
	return ESR_EC(esr) == EC_DATA_ABORT && ESR_IS_EXTERNAL_ABORT(esr);
}

static void guard(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	size_t granule = 0;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(vmbase_mmio_guard_granule(&granule) == VMBASE_OK, "there is a guard");
	vmbase_println("# granules of %zu bytes", granule);
	tap_ok(is_refused(probe_read32(NO_DEVICE)), "a read of an unmapped device aborts");
	tap_ok(is_refused(probe_write32(NO_DEVICE)), "so does a write");
	if (RTC < granule) {
		tap_ok(probe_read32(RTC) == 0, "a device in the console's granule is mapped with the console");
	} else {
		tap_ok(is_refused(probe_read32(RTC)), "a device that has not been mapped aborts");
		tap_ok(vmbase_mmio_guard_map(vmbase_phys_at(RTC + 4)) == VMBASE_OK,
		       "its granule is mapped by any address of it");
		tap_ok(probe_read32(RTC) == 0, "then it can be read");
		tap_ok(is_refused(probe_read32(RTC + granule)), "and the next granule cannot");
#ifdef GUARD_HAS_MAP_ALONE
		tap_ok(vmbase_mmio_guard_enroll() == VMBASE_OK, "there is no need to enroll");
		tap_ok(vmbase_mmio_guard_unmap(vmbase_phys_at(RTC)) == VMBASE_ERROR_UNSUPPORTED,
		       "it cannot be unmapped");
		tap_ok(probe_read32(RTC) == 0, "and can still be read");
		tap_ok(vmbase_mmio_guard_map(vmbase_phys_at(RTC)) == VMBASE_OK, "it may be mapped again");
#else
		tap_ok(vmbase_mmio_guard_unmap(vmbase_phys_at(RTC)) == VMBASE_OK, "it is unmapped");
		tap_ok(is_refused(probe_read32(RTC)), "then it aborts again");
#endif
	}
	tap_done();
}

VMBASE_MAIN(guard);
