// SPDX-License-Identifier: Apache-2.0

// The memory tracker in any VM of crosvm's machine: a device behind the MMIO guard, if there is one, and a
// tear-down after which the host has what it is meant to have. The host says itself what it can read.

#include "../../guest/support/tap.h"
#include "host.h"

#include <vmbase/main.h>
#include <vmbase/tracker.h>
#include <vmbase/sharing.h>

#define PAGE VMBASE_PAGE_SIZE
#define RAM UINT64_C(0x80000000)
#define RAM_END UINT64_C(0x84000000)
#define FREE_RAM UINT64_C(0x82000000)
#define DATA_SIZE UINT64_C(0x40000)

#define RTC UINT64_C(0x2000)
#define RTC_ID 0xfe0
#define RTC_ID_VALUE 0x00041030

#define PATTERN UINT64_C(0x1122334455667788)

VMBASE_TABLE_POOL(tables, 16);

static struct vmbase_range range(uintptr_t begin, uint64_t size_bytes)
{
	return (struct vmbase_range){ begin, begin + size_bytes };
}

static void tracker(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	struct vmbase_sharing_record record = { 0 }, other = { 0 };
	volatile uint64_t *const data = (volatile uint64_t *)FREE_RAM;
	size_t granule = PAGE;
	const bool shares = vmbase_sharing_granule(&granule) == VMBASE_OK;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(vmbase_tracker_start(range(RAM, 0x40000000), &tables) == VMBASE_OK, "the tracker takes over");
	tap_ok(host_register(TEST_DEVICE_ID) == TEST_DEVICE_ID_VALUE, "the console's page is mapped");
	tap_ok(vmbase_tracker_map(range(RTC, PAGE), VMBASE_TRACKER_MMIO) == VMBASE_OK, "a device is mapped");
	tap_ok(vmbase_mmio_read32(RTC + RTC_ID) == RTC_ID_VALUE, "it answers its first access");
	tap_ok(host_register(TEST_DEVICE_REFUSALS) == 0, "the guard has been told of it");
	tap_ok(vmbase_tracker_map(range(FREE_RAM, DATA_SIZE), VMBASE_TRACKER_DATA) == VMBASE_OK,
	       "memory is mapped");
	data[0] = PATTERN;
	data[DATA_SIZE / sizeof(*data) - 1] = ~PATTERN;
	tap_ok(vmbase_tracker_shrink_ram(range(RAM, RAM_END - RAM)) == VMBASE_OK,
	       "RAM shrinks to what there is");
	if (shares) {
		tap_ok(vmbase_sharing_share(&record, vmbase_range_at(FREE_RAM, granule)) == VMBASE_OK &&
			       host_reads(FREE_RAM, PATTERN),
		       "some of it is shared");
		tap_ok(vmbase_sharing_share(&other, vmbase_range_at(RAM_END, granule)) ==
			       VMBASE_ERROR_OUT_OF_RANGE,
		       "what is no RAM any more is not");
	}
	tap_ok(vmbase_tracker_stop() == VMBASE_OK, "the tracker is torn down");
	if (shares) {
		tap_ok(host_cannot_read(FREE_RAM) && record.end == 0, "nothing is shared any more");
	} else {
		tap_ok(host_reads(FREE_RAM, PATTERN) && host_reads(FREE_RAM + DATA_SIZE - 8, ~PATTERN),
		       "what was written is in memory");
	}
	tap_ok(vmbase_tracker_start(range(RAM, RAM_END - RAM), &tables) == VMBASE_OK &&
		       vmbase_tracker_map(range(FREE_RAM, DATA_SIZE), VMBASE_TRACKER_RODATA) == VMBASE_OK &&
		       data[0] == PATTERN,
	       "it takes over once more, and memory is as it was");
	tap_done();
}

VMBASE_MAIN(tracker);
