// SPDX-License-Identifier: Apache-2.0

// Included before anything else in each file of a test of the heap: C's names for the heap under test, which
// so exists in addition to the host's.

#ifndef HEAP_NAMES_H
#define HEAP_NAMES_H

#define malloc tested_malloc
#define calloc tested_calloc
#define realloc tested_realloc
#define free tested_free
#define aligned_alloc tested_aligned_alloc
#define cfree tested_cfree
#define malloc_usable_size tested_malloc_usable_size
#define memalign tested_memalign
#define posix_memalign tested_posix_memalign
#define pvalloc tested_pvalloc
#define valloc tested_valloc

// Which the host no longer declares.
void cfree(void *ptr);

#endif
