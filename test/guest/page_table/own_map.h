// SPDX-License-Identifier: Apache-2.0

// A page table of a guest's own that maps the image and the console as the boot map does.

#ifndef OWN_MAP_H
#define OWN_MAP_H

#include "../support/machine.h"

#include <vmbase/page_table.h>

#define PAGE VMBASE_PAGE_SIZE
#define RUN (16 * PAGE)
#define MIB2 UINT64_C(0x200000)
#define GIB UINT64_C(0x40000000)

#define FREE_RAM (machine.free_ram.begin)

extern struct vmbase_page_table own_map;

// Makes the table and does not activate it. Returns false on an error.
bool own_map_make(unsigned int va_bits);

// The number of pages of the tables.
extern unsigned int own_map_pages;

static inline struct vmbase_range range(uintptr_t begin, uint64_t size)
{
	return (struct vmbase_range){ begin, begin + size };
}

#endif
