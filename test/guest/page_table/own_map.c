// SPDX-License-Identifier: Apache-2.0

// Page tables of a guest's own: the implementation.

#include "own_map.h"

#include <vmbase/layout.h>

#include <stdalign.h>
#include <string.h>

#define ASID 0x21
#define TABLES 80

struct vmbase_page_table own_map;
unsigned int own_map_pages;

static alignas(4096) char tables[TABLES][VMBASE_PAGE_SIZE];
static bool is_used[TABLES];

static void *allocate(void *context)
{
	(void)context;
	for (size_t i = 0; i < TABLES; i++) {
		if (!is_used[i]) {
			is_used[i] = true;
			own_map_pages++;
			memset(tables[i], 0xa7, VMBASE_PAGE_SIZE);
			return tables[i];
		}
	}
	return NULL;
}

static void release(void *page, void *context)
{
	(void)context;
	// A walk that still used this page would find valid-looking descriptors.
	memset(page, 0xa7, VMBASE_PAGE_SIZE);
	is_used[(size_t)((char(*)[VMBASE_PAGE_SIZE])page - tables)] = false;
	own_map_pages--;
}

static const struct vmbase_table_pages pages = { .allocate = allocate, .free = release };

static bool map_pages_of(struct vmbase_range part, enum vmbase_map_kind kind, unsigned int flags)
{
	part.begin &= ~(PAGE - 1);
	part.end = (part.end + PAGE - 1) & ~(PAGE - 1);
	return vmbase_page_table_map(&own_map, part, kind, flags) == VMBASE_OK;
}

bool own_map_make(unsigned int va_bits)
{
	const struct vmbase_range variables = { vmbase_layout_data().begin, vmbase_layout_bss().end };
	const struct vmbase_phys console = vmbase_layout_console_physical();

	return vmbase_page_table_init(&own_map, &pages, va_bits, ASID) == VMBASE_OK &&
	       map_pages_of(vmbase_layout_text(), VMBASE_MAP_CODE, 0) &&
	       map_pages_of(vmbase_layout_rodata(), VMBASE_MAP_RODATA, 0) &&
	       map_pages_of(vmbase_layout_main_stack(), VMBASE_MAP_DATA, VMBASE_MAP_PAGES_ONLY) &&
	       map_pages_of(vmbase_layout_exception_stack(), VMBASE_MAP_DATA, 0) &&
	       map_pages_of(variables, VMBASE_MAP_DATA, 0) &&
	       vmbase_page_table_map_to(&own_map, vmbase_layout_console(), console, VMBASE_MAP_DEVICE, 0) ==
		       VMBASE_OK;
}
