// SPDX-License-Identifier: Apache-2.0

// The interface of tracker_mmu_off.S.

#ifndef TRACKER_MMU_OFF_H
#define TRACKER_MMU_OFF_H

#include <stdint.h>

// Reads a word without MMU and data cache, as the next program does.
uint64_t read_with_mmu_off(uintptr_t address);

#endif
