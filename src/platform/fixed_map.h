// SPDX-License-Identifier: Apache-2.0

// The maps of a platform whose image runs at a fixed address.

#ifndef VMB_FIXED_MAP_H
#define VMB_FIXED_MAP_H

#include "boot_map.h"

// Both maps translate 32-bit virtual addresses, for which a level-1 table has four entries.
#define FIXED_MAP_VA_BITS 32
#define FIXED_MAP_LEVEL1_ENTRIES 4

#define FIRST_MAP_BLOCK(address) ((address) | FIRST_MAP_ATTRIBUTES)

// The first map of a platform, defined in its platform.c: a level-1 table, aligned to 64 bytes (DDI 0487, issue
// K.a, TTBR0_EL1, BADDR).
extern const uint64_t vmb_first_map[FIXED_MAP_LEVEL1_ENTRIES];

#endif
