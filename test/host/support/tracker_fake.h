// SPDX-License-Identifier: Apache-2.0

// The machine of the tracker in host tests, in addition to the CPU of page_table_fake.h: a static map as on
// the platform `qemu`, a hypervisor with an MMIO guard and shared memory, and pages for tables.

#ifndef TRACKER_FAKE_H
#define TRACKER_FAKE_H

#include "page_table_fake.h"

#include "../../../src/image/regions.h"

#include <vmbase/tracker.h>

#define PAGE VMBASE_PAGE_SIZE
#define MIB2 UINT64_C(0x200000)
#define GIB UINT64_C(0x40000000)
#define TABLE_SPAN MIB2 // size that a table of the last level maps
#define ALL_ADDRESSES (UINT64_C(1) << VMBASE_TRACKER_VA_BITS)

// The addresses of the fake image's parts. No memory is at these addresses, and none is accessed.
#define CONSOLE UINT64_C(0x9000000)
#define RAM UINT64_C(0x40000000)
#define RAM_END UINT64_C(0x80000000)
#define TEXT UINT64_C(0x40080000)
#define RODATA UINT64_C(0x40088000)
#define IMAGE_GUARD UINT64_C(0x41000000) // the first address of the writable part
#define MAIN_STACK UINT64_C(0x41010000)
#define SECOND_GUARD UINT64_C(0x41020000)
#define EXCEPTION_STACK UINT64_C(0x41024000)
#define DATA UINT64_C(0x41028000)
#define PAGE_TABLES UINT64_C(0x41039000)
#define IMAGE_END UINT64_C(0x41040000)
#define DTB UINT64_C(0x48000000)

// RAM and devices that are not in use.
#define FREE_RAM UINT64_C(0x50000000)
#define FREE_MMIO UINT64_C(0x10000000)

#define FAKE_TABLES 64
#define FAKE_GRANULES 256

struct fake_machine {
	const struct vmb_region *regions;
	struct vmbase_range console; // physical

	size_t guard_granule; // 0: no guard
	uint64_t guarded[FAKE_GRANULES];
	size_t guarded_count;
	size_t guard_calls;
	size_t guard_refuses_call; // the call with this number, from 1
	bool guard_has_no_unmap;   // and accepts a granule that it already has

	enum vmbase_error unshare_all_error;
	size_t unshare_all_calls;
	size_t dirty_at_unshare; // bytes cleaned before this call
	struct vmbase_range shared_ram;
	enum vmbase_error sharing_add_error;

	size_t table_limit;
	size_t tables_given; // and not freed
	size_t misaligned_by;
	bool has_foreign_pages;          // pages outside the image
	struct vmbase_range noinit;      // further memory of the image
	void (*during_allocation)(void); // called with each allocation

	bool is_masked;
};
extern struct fake_machine fake_machine;
extern const struct vmb_region fake_regions[];
extern const struct vmbase_table_pages fake_table_pages;

// Resets the machine and the tracker: no hypervisor, running on the fake image's stack.
void fake_machine_reset(void);

// For cmocka: resets the machine; resets it and starts the tracker; checks at the end of a test that the
// state of interrupts is restored, no call is in progress, and the tables are sound.
int fake_set_up(void **state);
int fake_set_up_started(void **state);
int fake_check(void **state);

// The number of allocated pages that are tables.
size_t fake_given_to_the_table(void);

// All of RAM.
extern const struct vmbase_range fake_ram;

bool fake_guard_knows(uint64_t address);

static inline struct vmbase_range range(uintptr_t begin, uint64_t size_bytes)
{
	return (struct vmbase_range){ begin, begin + size_bytes };
}

// The kind of an address in the tracker's table. 0: not mapped.
enum vmbase_map_kind fake_kind_at(uintptr_t address);
bool fake_is_dirty(uintptr_t address);

// The list of all mappings of a table.
struct fake_mappings {
	struct vmbase_mapping list[2000];
	size_t count;
};
void fake_mappings_of(const struct vmbase_page_table *table, struct fake_mappings *mappings);
void fake_assert_same_mappings(const struct fake_mappings *a, const struct fake_mappings *b);

#endif
