// SPDX-License-Identifier: Apache-2.0

// The heap's first range, which VMBASE_HEAP replaces. It has its own file so that the compiler does not know
// its value elsewhere.

#include <vmbase/heap.h>

__attribute__((weak)) const struct vmbase_range vmbase_heap_region = { .begin = 0, .end = 0 };
