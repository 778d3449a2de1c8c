// SPDX-License-Identifier: Apache-2.0

// Reads the payload that append.py has appended to the image. The boot neither maps nor changes it.

#include "../guest/support/tap.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>

#define PAYLOAD_BYTES 0x12345
#define PAGE_SIZE UINT64_C(0x1000)

VMBASE_TABLE_POOL(tables, 16);

static bool is_as_appended(const unsigned char *bytes)
{
	for (size_t i = 0; i < PAYLOAD_BYTES; i++) {
		if (bytes[i] != i % 251 + 1) {
			return false;
		}
	}
	return true;
}

static void payload(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const uintptr_t begin = vmbase_layout_binary_end();
	// The text's last page is mapped.
	const uintptr_t mapped_end = (vmbase_layout_text().end + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
	const struct vmbase_range pages = { mapped_end,
					    (begin + PAYLOAD_BYTES + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE };

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(pages.end <= vmbase_layout_rodata().begin, "the payload ends before the constants");
	tap_ok(vmbase_tracker_start(vmbase_layout_ram(), &tables) == VMBASE_OK &&
		       vmbase_tracker_map(pages, VMBASE_TRACKER_RODATA) == VMBASE_OK,
	       "the payload's pages are mapped");
	tap_ok(is_as_appended((const unsigned char *)begin), "the payload is unchanged");
	tap_done();
}

VMBASE_MAIN(payload);
