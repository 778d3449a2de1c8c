// SPDX-License-Identifier: Apache-2.0

// Private memory for a pool under test. The source fills memory with secrets when it allocates it. Freed
// memory must not be shared, and freed chunks must be wiped.

#ifndef SOURCE_H
#define SOURCE_H

#include <vmbase/sharing.h>

#define SECRET 0xa5

extern const struct vmbase_sharing_source source;

// The number of allocations that still succeed, the limit of each one's size, and an offset that is added to
// the addresses of chunks.
extern size_t source_allocations_left;
extern size_t source_limit_bytes;
extern size_t source_misalignment;

// Resets the source: all of its memory is available.
void source_reset(void);

// The number of allocated blocks, and how many of them are chunks and not records of a pool.
size_t source_block_count(void);
size_t source_chunk_count(void);

// Returns whether a range is inside one chunk.
bool source_chunk_contains(uintptr_t begin, size_t size_bytes);

#endif
