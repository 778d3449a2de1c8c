// SPDX-License-Identifier: Apache-2.0

// A file of its own, so that no compiler sees the value where it is used: VMBASE_HEAP replaces it.

#include <vmbase/heap.h>

__attribute__((weak)) const struct vmbase_range vmbase_heap_region = { .begin = 0, .end = 0 };
