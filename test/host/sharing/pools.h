// SPDX-License-Identifier: Apache-2.0

// The kinds of pools that are tested, and the invariants of each kind.

#ifndef POOLS_H
#define POOLS_H

#include <vmbase/sharing.h>

#define REGION_BYTES 0x40000

struct kind {
	const char *name;
	size_t granule_bytes; // 0: nothing is shared by call
	bool is_static;
};

#define KIND_COUNT 5
extern const struct kind kinds[KIND_COUNT];

struct buffer {
	unsigned char *memory;
	size_t size_bytes;
};

extern struct vmbase_sharing_pool pool;

// Begins with a new pool, and ends with nothing shared and all of the source's memory back.
void open_pool(const struct kind *kind, size_t minimum_bytes);
void close_pool(void);

// The static region of this kind of pool. It begins at a multiple of 64, and of nothing larger.
struct vmbase_range static_region(void);

// The host writes to all that it can.
void host_writes(int value);

// Allocates a buffer, which must be there, be aligned, and be zero.
struct buffer must_alloc(size_t size_bytes, size_t alignment);
void must_free(struct buffer buffer);

// What the pool's statistics say that it has.
size_t pool_bytes(void);

// Asserts that a buffer is not to be had, for this reason, and that there is no buffer to free at an address.
void assert_alloc_fails(enum vmbase_error expected, size_t size_bytes, size_t alignment);
void assert_no_buffer(void *address);

// Asserts what holds at any time with these buffers in use: each is in memory of the pool's, in shared granules
// where there are any, and none overlaps another; nothing but chunks is shared; and the statistics say so.
void assert_pool_holds(const struct buffer *buffers, size_t count);

#endif
