// SPDX-License-Identifier: Apache-2.0

// Renames the C functions of the heap under test, so that it exists in addition to the host's heap. Each file
// of a heap test includes this header first.

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

// The host does not declare it.
void cfree(void *ptr);

#endif
