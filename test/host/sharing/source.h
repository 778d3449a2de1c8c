// SPDX-License-Identifier: Apache-2.0

// Private memory for a pool under test. It is full of secrets when it is given out; when it comes back it must
// not be shared, and what was a chunk must be wiped.

#ifndef SOURCE_H
#define SOURCE_H

#include <vmbase/sharing.h>

#define SECRET 0xa5

extern const struct vmbase_sharing_source source;

// How many allocations more succeed, how large each may be, and what is added to the addresses of chunks.
extern size_t source_allocations_left;
extern size_t source_limit_bytes;
extern size_t source_misalignment;

// Begins with all memory there is.
void source_reset(void);

// How many blocks are given out, and how many of them are chunks, not a pool's records.
size_t source_block_count(void);
size_t source_chunk_count(void);

// Whether a range lies in one chunk.
bool source_chunk_contains(uintptr_t begin, size_t size_bytes);

#endif
