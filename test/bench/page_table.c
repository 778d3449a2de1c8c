// SPDX-License-Identifier: Apache-2.0

// What changes of page tables cost, tables' pages and their zeroing included. The table is 39 bits wide and no
// CPU's, but for the last figures, which are those of the table in force.

#include "count.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/page_table.h>

#include <stdalign.h>

#define GIB UINT64_C(0x40000000)
#define MIB2 UINT64_C(0x200000)
#define TABLES 600

// Pages that are no table point to each other.
union page {
	union page *next;
	char bytes[VMBASE_PAGE_SIZE];
};
static alignas(4096) union page tables[TABLES];
static union page *unused;

static void *allocate(void *context)
{
	union page *page = unused;

	(void)context;
	if (page != NULL) {
		unused = page->next;
	}
	return page;
}

static void release(void *page, void *context)
{
	(void)context;
	((union page *)page)->next = unused;
	unused = page;
}

static const struct vmbase_table_pages pages = { .allocate = allocate, .free = release };
static struct vmbase_page_table table;

static struct vmbase_range range(uintptr_t begin, uint64_t size)
{
	return (struct vmbase_range){ begin, begin + size };
}

// A figure is of success: anything else ends the run before it is printed.
static void expect(enum vmbase_error error)
{
	if (error != VMBASE_OK) {
		vmbase_eprintln("failed: %s", vmbase_error_name(error));
		vmbase_reboot();
	}
}

#define MEASURE(name, ...)                                                                                     \
	do {                                                                                                   \
		const uint64_t begin = count_now();                                                            \
		const enum vmbase_error error = (__VA_ARGS__);                                                 \
		const uint64_t end = count_now();                                                              \
                                                                                                               \
		expect(error);                                                                                 \
		count_print("page_table." name, count_between(begin, end), 1);                                 \
	} while (0)

static enum vmbase_error map_512_scattered(void)
{
	for (uintptr_t begin = GIB; begin < 2 * GIB; begin += MIB2) {
		const enum vmbase_error error =
			vmbase_page_table_map(&table, range(begin, VMBASE_PAGE_SIZE), VMBASE_MAP_DATA, 0);

		if (error != VMBASE_OK) {
			return error;
		}
	}
	return VMBASE_OK;
}

static void measure_a_table(void)
{
	const struct vmbase_range gib = range(GIB, GIB);
	const struct vmbase_range ragged = range(GIB + VMBASE_PAGE_SIZE, GIB - 2 * VMBASE_PAGE_SIZE);

	MEASURE("init", vmbase_page_table_init(&table, &pages, 39, 0));
	MEASURE("map_1gib_block", vmbase_page_table_map(&table, gib, VMBASE_MAP_DATA, 0));
	MEASURE("unmap_1gib_block", vmbase_page_table_unmap(&table, gib));
	MEASURE("map_1gib_ragged", vmbase_page_table_map(&table, ragged, VMBASE_MAP_DATA, 0));
	MEASURE("unmap_1gib_ragged", vmbase_page_table_unmap(&table, ragged));
	MEASURE("map_1gib_pages", vmbase_page_table_map(&table, gib, VMBASE_MAP_DATA, VMBASE_MAP_PAGES_ONLY));
	MEASURE("protect_1gib_pages", vmbase_page_table_protect(&table, gib, VMBASE_MAP_RODATA));
	MEASURE("fold_1gib_pages", vmbase_page_table_fold(&table, gib));
	expect(vmbase_page_table_unmap(&table, gib));
	MEASURE("map_512_scattered", map_512_scattered());
	MEASURE("map_page", vmbase_page_table_map(&table, range(GIB + VMBASE_PAGE_SIZE, VMBASE_PAGE_SIZE),
						  VMBASE_MAP_DATA, 0));
	MEASURE("translate", vmbase_page_table_translate(&table, GIB, NULL, NULL));
	MEASURE("unmap_page", vmbase_page_table_unmap(&table, range(GIB + VMBASE_PAGE_SIZE, VMBASE_PAGE_SIZE)));
	MEASURE("destroy", vmbase_page_table_destroy(&table));
}

static enum vmbase_error map_image(void)
{
	static const struct {
		struct vmbase_range (*range)(void);
		enum vmbase_map_kind kind;
	} parts[] = {
		{ vmbase_layout_text, VMBASE_MAP_CODE },
		{ vmbase_layout_rodata, VMBASE_MAP_RODATA },
		{ vmbase_layout_main_stack, VMBASE_MAP_DATA },
		{ vmbase_layout_exception_stack, VMBASE_MAP_DATA },
	};
	const uintptr_t mask = VMBASE_PAGE_SIZE - 1;
	enum vmbase_error error = vmbase_page_table_init(&table, &pages, 39, 1);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && error == VMBASE_OK; i++) {
		struct vmbase_range part = parts[i].range();

		part.end = (part.end + mask) & ~mask;
		error = vmbase_page_table_map(&table, part, parts[i].kind, 0);
	}
	const struct vmbase_range data = { vmbase_layout_data().begin & ~mask,
					   (vmbase_layout_bss().end + mask) & ~mask };

	return error != VMBASE_OK ? error : vmbase_page_table_map(&table, data, VMBASE_MAP_DATA, 0);
}

static void measure_the_map_in_force(void)
{
	MEASURE("map_image", map_image());
	expect(vmbase_page_table_map(&table, range(0x09000000, VMBASE_PAGE_SIZE), VMBASE_MAP_DEVICE, 0));
	MEASURE("activate", vmbase_page_table_activate(&table));
	MEASURE("live_map_page",
		vmbase_page_table_map(&table, range(GIB * 4, VMBASE_PAGE_SIZE), VMBASE_MAP_DATA_TRACKED, 0));
	MEASURE("live_dirty_fault", vmbase_page_table_handle_dirty_fault(&table, GIB * 4));
	MEASURE("live_unmap_page", vmbase_page_table_unmap(&table, range(GIB * 4, VMBASE_PAGE_SIZE)));
	MEASURE("deactivate", vmbase_page_table_deactivate(&table));
}

static void measure(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	for (size_t i = 0; i < TABLES; i++) {
		release(&tables[i], NULL);
	}
	measure_a_table();
	measure_the_map_in_force();
}

VMBASE_MAIN(measure);
