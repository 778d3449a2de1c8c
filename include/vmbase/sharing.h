// SPDX-License-Identifier: Apache-2.0

// Memory that the guest shares with the host: ranges of it, remembered until they are unshared, and a pool of
// buffers in it.
//
// Where the hypervisor keeps the guest's memory from the host, what a virtual device reads or writes has to be
// shared first, a granule at a time (<vmbase/hypervisor.h>). What is shared the host may read and rewrite at
// any moment: copy a value out before checking it, and keep nothing there that has to stay true.
//
// Addresses are physical, which on the platforms of this library are the virtual ones. All functions are for
// main's context on one CPU: they take no lock and may not be called from handlers.

#ifndef VMBASE_SHARING_H
#define VMBASE_SHARING_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Ranges
//
// The hypercalls per granule are one to share it and one to unshare it; how large a granule is takes one more,
// the first time.

// A range that is shared. The record is its owner's memory, so that there is no limit to their number; it need
// not be initialised. From vmbase_sharing_share() until begin and end are 0 again it must neither move nor be
// written.
struct vmbase_sharing_record {
	uintptr_t begin;
	uintptr_t end;
	struct vmbase_sharing_record *next; // not for the owner
};

// Puts into *granule_bytes what is shared at a time: 4096, 16384 or 65536.
//
// The errors are those of vmbase_hypervisor_sharing_granule(): VMBASE_ERROR_UNSUPPORTED where memory is not
// shared by call.
enum vmbase_error vmbase_sharing_granule(size_t *granule_bytes);

// Says where RAM is, as a device tree tells it. Until then it is vmbase_layout_ram(). A hypervisor answers the
// sharing of what is not RAM with an external abort, so a range that is not wholly inside is refused before it
// is asked. What is shared already stays so.
//
// VMBASE_ERROR_OUT_OF_RANGE  `ram` is empty
enum vmbase_error vmbase_sharing_set_ram(struct vmbase_range ram);

// Says that there is RAM there, too. Ranges that touch or overlap become one.
//
// VMBASE_ERROR_OUT_OF_RANGE  `ram` is empty
// VMBASE_ERROR_NO_MEMORY     there are 16 ranges already
enum vmbase_error vmbase_sharing_add_ram(struct vmbase_range ram);

// Shares a range, whose ends are multiples of the granule, and remembers it in *record.
//
// The memory is neither read nor written: the caller has wiped what the host must not see, in all of its
// granules.
//
// VMBASE_ERROR_OUT_OF_RANGE  the range is empty, wraps around, or is not all RAM
// VMBASE_ERROR_UNALIGNED     an end of it is inside of a granule
// VMBASE_ERROR_OVERLAP       a granule of it is shared already
// VMBASE_ERROR_BUSY          *record is in use: either before the call, and nothing has changed; or because the
//                            hypervisor first refused to share a granule and then to unshare those before it.
//                            Then *record says which are still shared, as after vmbase_sharing_unshare()
// or what vmbase_sharing_granule() gives, or the hypervisor's error for the first granule that it refuses,
// which counts as not shared. Those before it have then been unshared again, but the host may have written to
// them in the meantime.
enum vmbase_error vmbase_sharing_share(struct vmbase_sharing_record *record, struct vmbase_range range);

// Unshares a range, after which begin and end are 0 and the record is the owner's again. What the host has
// written is still there: the owner wipes it, or treats it as the host's.
//
// VMBASE_ERROR_NOT_FOUND  the record remembers nothing
// or the hypervisor's error for the first granule that it does not give back. What lies between that one and
// the last such stays shared and remembered: begin and end say what, and another try is a call with the same
// record.
enum vmbase_error vmbase_sharing_unshare(struct vmbase_sharing_record *record);

// Unshares all that is remembered, pools' memory included: what a guest does before another program takes over.
// It goes on after an error, and returns the first; what could not be unshared stays remembered.
enum vmbase_error vmbase_sharing_unshare_all(void);

// Pools
//
// Buffers for devices, in shared memory that the pool gets as it needs it, in chunks of whole granules. Three
// kinds of memory serve the same calls:
//
// - the source's, shared by call, where the hypervisor shares by call;
// - the source's as it is, where it does not: the host can read it anyway, or nobody will;
// - a static region that is shared from the start, such as Gunyah's, which the device tree calls
//   restricted-dma-pool.
//
// Chunks are wiped before the host can see them, and again before they go back to the source, so that neither
// a secret leaves the guest nor what the host wrote comes into its heap. All that a pool knows it keeps in
// private memory: the host can spoil what is in a buffer, not which buffers there are.

// Where a pool has private memory from. allocate() is as C11's aligned_alloc(): `alignment` is a power of two,
// `size_bytes` a multiple of it, the answer NULL where there is no more. Each block is the pool's alone, in all
// of its bytes. free() is as C's. Both may be called from within each function of the pool.
struct vmbase_sharing_source {
	void *(*allocate)(size_t alignment, size_t size_bytes);
	void (*free)(void *memory);
};

// A pool; its owner keeps it in private memory, does not move it, and leaves its members alone.
struct vmbase_sharing_pool {
	struct vmbase_sharing_source source;
	struct vmb_sharing_chunk *chunks;
	size_t granule_bytes; // what chunks are multiples of; 0: there is one chunk, the static region
	size_t minimum_bytes;
	size_t used_bytes;
	size_t peak_used_bytes;
	bool shares; // by call
};

struct vmbase_sharing_pool_statistics {
	size_t shared_bytes;    // what buffers can be in, or plain memory where nothing is shared
	size_t used_bytes;      // in buffers, each in multiples of 64 bytes
	size_t peak_used_bytes; // the most that was ever in use
};

// Makes *pool an empty pool of memory from *source, which is copied. Of what it shares when it grows it keeps
// at least `minimum_bytes` (0 is fine) until it is destroyed; the first growth takes as much at once, if the
// source has it. Where devices see a static region only, as on Gunyah, the pool has to be one of that region.
//
// VMBASE_ERROR_INVALID_ARGUMENT  the source lacks a function, or minimum_bytes is more than SIZE_MAX / 2
// or what vmbase_sharing_granule() gives, but for VMBASE_ERROR_UNSUPPORTED: then the pool is one of plain
// memory.
enum vmbase_error vmbase_sharing_pool_init(struct vmbase_sharing_pool *pool,
					   const struct vmbase_sharing_source *source, size_t minimum_bytes);

// Makes *pool a pool of a region that is shared already and mapped; both ends are multiples of 64. No hypercall
// is made for it. The source, which is copied, gives 1/256 of the region's size for the pool's own records.
//
// VMBASE_ERROR_INVALID_ARGUMENT  the source lacks a function
// VMBASE_ERROR_OUT_OF_RANGE      the region is empty
// VMBASE_ERROR_UNALIGNED         an end of it is no multiple of 64
// VMBASE_ERROR_NO_MEMORY         the source has run out
enum vmbase_error vmbase_sharing_pool_init_static(struct vmbase_sharing_pool *pool,
						  const struct vmbase_sharing_source *source,
						  struct vmbase_range region);

// Puts the address of a buffer into *buffer: contiguous, zeroed, of `size_bytes` bytes, aligned to `alignment`,
// a power of two. The pool grows if it has to. The time is linear in the bytes of the pool.
//
// VMBASE_ERROR_INVALID_ARGUMENT  size_bytes is 0, or alignment is no power of two
// VMBASE_ERROR_NO_MEMORY         the source, or the static region, has run out
// VMBASE_ERROR_UNALIGNED         the source does not align its memory
// VMBASE_ERROR_BUSY              the hypervisor refused part of the new chunk, and to take back the rest: that
//                                stays in the pool, for later buffers
// or what else vmbase_sharing_share() gives for memory from the source.
enum vmbase_error vmbase_sharing_pool_allocate(struct vmbase_sharing_pool *pool, size_t size_bytes,
					       size_t alignment, void **buffer);

// Takes a buffer back. If nothing else is in its chunk, the chunk goes back to the source, unless less than
// the minimum would be left, or the hypervisor does not unshare it: then the pool keeps it, and uses for later
// buffers what of it is still shared.
//
// VMBASE_ERROR_NOT_FOUND  no buffer of the pool begins there: it has been freed, or never was one
enum vmbase_error vmbase_sharing_pool_free(struct vmbase_sharing_pool *pool, void *buffer);

// How much memory a pool has and how much of it is in use.
struct vmbase_sharing_pool_statistics vmbase_sharing_pool_statistics(const struct vmbase_sharing_pool *pool);

// Unshares all of a pool's memory and gives it back to the source. A static region stays shared. The pool may
// be initialised anew afterwards.
//
// VMBASE_ERROR_BUSY  there are buffers in use; nothing has changed
// or the hypervisor's first error. Chunks that it does not give back whole stay in the pool, the others are
// gone; another try is another call.
enum vmbase_error vmbase_sharing_pool_destroy(struct vmbase_sharing_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
