// SPDX-License-Identifier: Apache-2.0

// The two pages of mem_idmap.S that have nothing mapped on either side.

#ifndef MEM_H
#define MEM_H

#define PAGE_SIZE 0x1000

#define LONE_PAGES 0x40400000 // a block of 2 MiB
#define LONE_PAGE_1 (LONE_PAGES + 1 * PAGE_SIZE)
#define LONE_PAGE_2 (LONE_PAGES + 3 * PAGE_SIZE)

#endif
