// SPDX-License-Identifier: Apache-2.0

// The kinds of pools under test, and their invariants.

#ifndef POOLS_H
#define POOLS_H

#include <vmbase/sharing.h>

#define REGION_BYTES 0x40000

struct kind {
	const char *name;
	size_t granule_bytes; // 0: no sharing by call
	bool is_static;
};

#define KIND_COUNT 5
extern const struct kind kinds[KIND_COUNT];

struct buffer {
	unsigned char *memory;
	size_t size_bytes;
};

extern struct vmbase_sharing_pool pool;

// Opens a new pool. close_pool() asserts that nothing is shared and that the source has all of its memory
// back.
void open_pool(const struct kind *kind, size_t minimum_bytes);
void close_pool(void);

// The static region of this kind of pool. Its beginning is aligned to 64 bytes and no more.
struct vmbase_range static_region(void);

// Lets the host write to all memory that it can access.
void host_writes(int value);

// Allocates a buffer. Asserts that it succeeds, and that the buffer is aligned and zero.
struct buffer must_alloc(size_t size_bytes, size_t alignment);
void must_free(struct buffer buffer);

// The size of the pool in its statistics.
size_t pool_bytes(void);

// Asserts that an allocation fails with this error, and that the address is not a buffer that can be freed.
void assert_alloc_fails(enum vmbase_error expected, size_t size_bytes, size_t alignment);
void assert_no_buffer(void *address);

// Asserts the invariants with these buffers in use: each buffer is in the pool's memory, and in shared
// granules if the pool shares by call; no buffers overlap; only chunks are shared; and the statistics are
// correct.
void assert_pool_holds(const struct buffer *buffers, size_t count);

#endif
