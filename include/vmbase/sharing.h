// SPDX-License-Identifier: Apache-2.0

// Memory that the guest shares with the host: ranges, and pools of buffers.
//
//     vmbase_sharing_pool_init(&pool, &source, 0)
//     vmbase_sharing_pool_allocate(&pool, 4096, 64, &buffer)
//
// If the hypervisor protects the guest's memory from the host, the guest must share the memory that a virtual
// device reads or writes, in granules (<vmbase/hypervisor.h>). The host may read and rewrite shared memory at
// any time: copy a value before you check it, and keep no trusted data there.
//
// Addresses are physical; on the platforms of this library they are also virtual. All functions are for one
// CPU: they take no lock.

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
// Sharing and unsharing cost a hypercall for each granule. The first call costs one more, for the granule's
// size, and so does the first call after vmbase_sharing_unshare_all() has unshared all ranges.

// A record of a shared range. The caller provides its memory, so that the number of records has no limit. It
// need not be initialised. After vmbase_sharing_share() it must neither move nor be written before begin and
// end are 0 again.
struct vmbase_sharing_record {
	uintptr_t begin;
	uintptr_t end;
	struct vmbase_sharing_record *next; // private
};

// Stores the unit in which memory is shared: 4096, 16384 or 65536 bytes.
//
// Context: main
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  if memory is not shared by call
//   the other errors of vmbase_hypervisor_sharing_granule()
enum vmbase_error vmbase_sharing_granule(size_t *granule_bytes);

// Sets the range of RAM, for example from the device tree. The default is vmbase_layout_ram(). A range that is
// not completely inside of RAM is refused without a hypercall, because a hypervisor may answer the sharing of
// other addresses with an external abort. Memory that is already shared stays shared.
//
// Context: main
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if `ram` is empty
enum vmbase_error vmbase_sharing_set_ram(struct vmbase_range ram);

// Adds a range of RAM. Ranges that touch or overlap become one range.
//
// Context: main
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if `ram` is empty
//   VMBASE_ERROR_NO_MEMORY     if there are already 16 ranges
enum vmbase_error vmbase_sharing_add_ram(struct vmbase_range ram);

// Shares a range, whose ends are multiples of the granule, and remembers it in *record.
//
// The memory is neither read nor written: before the call, wipe all data in the granules that the host must not
// see. If the hypervisor refuses a granule, the granules before it are unshared again, but the host may have
// written to them. The refused granule counts as not shared.
//
// Context: main
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if the range is empty, wraps around, or is not completely RAM
//   VMBASE_ERROR_UNALIGNED     if an end of the range is inside of a granule
//   VMBASE_ERROR_OVERLAP       if a granule of the range is already shared
//   VMBASE_ERROR_BUSY          if *record was in use before the call, and nothing has changed; or if the
//                              hypervisor refused a granule, and then also to unshare the granules before it:
//                              *record has the range that is still shared, as after vmbase_sharing_unshare()
//   the errors of vmbase_sharing_granule()
//   the hypervisor's error for the first granule that it refuses
enum vmbase_error vmbase_sharing_share(struct vmbase_sharing_record *record, struct vmbase_range range);

// Unshares the range of a record. Afterwards begin and end are 0, and the record may be used again. The memory
// still has the data that the host wrote: wipe it, or do not trust it. After an error of the hypervisor, the
// range from the first to the last refused granule stays shared, and *record has this range: call it again to
// retry.
//
// Context: main
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the record has no shared range
//   the hypervisor's error for the first granule that it refuses
enum vmbase_error vmbase_sharing_unshare(struct vmbase_sharing_record *record);

// Unshares all ranges, the memory of pools included, before another program starts. Continues after an error;
// ranges that cannot be unshared stay remembered.
//
// Context: main
// Errors:
//   the first error of vmbase_sharing_unshare()
enum vmbase_error vmbase_sharing_unshare_all(void);

// Pools
//
// A pool has buffers for devices, in shared memory. It gets memory when it needs it, in chunks of whole
// granules, of one of three kinds:
//
// - memory of the source, which the pool shares, if the hypervisor shares by call
// - memory of the source as it is, if the hypervisor does not share by call: either the host can read all
//   memory of the guest, or no host reads it
// - a static region that is shared from the start, as on Gunyah; the device tree calls it restricted-dma-pool
//
// Chunks are wiped before the host can see them, and before they go back to the source: no secret leaves the
// guest, and no data of the host reaches its heap. The records of a pool are in private memory: the host can
// change the contents of a buffer, but not the list of buffers.

// The source of a pool's private memory. Each function of the pool may call both functions. For the heap:
//
//     static void *allocate(size_t alignment, size_t size_bytes, void *context)
//     {
//         return aligned_alloc(alignment, size_bytes);
//     }
struct vmbase_sharing_source {
	// As C11's aligned_alloc(): `alignment` is a power of two, `size_bytes` is a multiple of it, and the
	// result is NULL if there is no more memory. The pool is the only user of the memory.
	void *(*allocate)(size_t alignment, size_t size_bytes, void *context);
	// As C's free(), for a result of allocate().
	void (*free)(void *memory, void *context);
	void *context;
};

// A pool. It must be in private memory and must not move. The members are private.
struct vmbase_sharing_pool {
	struct vmbase_sharing_source source;
	struct vmb_sharing_chunk *chunks;
	size_t granule_bytes; // the unit of chunks; 0: the only chunk is the static region
	size_t minimum_bytes;
	size_t used_bytes;
	size_t peak_used_bytes;
	bool is_shared_by_call;
};

// The memory of a pool.
struct vmbase_sharing_pool_statistics {
	size_t shared_bytes;    // the memory for buffers, plain memory included
	size_t used_bytes;      // the sum of all buffers, each rounded up to 64 bytes
	size_t peak_used_bytes; // the largest value of used_bytes so far
};

// Makes an empty pool with memory from *source, which is copied. After its first growth, which takes
// minimum_bytes at once if the source has them, the pool keeps at least minimum_bytes, which may be 0, until it
// is destroyed. If memory is not shared by call, the pool has plain memory. If devices see only a static
// region, as on Gunyah, use vmbase_sharing_pool_init_static().
//
// Context: main
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the source lacks a function, or minimum_bytes is above SIZE_MAX / 2
//   the errors of vmbase_sharing_granule() except VMBASE_ERROR_UNSUPPORTED
enum vmbase_error vmbase_sharing_pool_init(struct vmbase_sharing_pool *pool,
					   const struct vmbase_sharing_source *source, size_t minimum_bytes);

// Makes a pool of a region that is already shared and mapped, whose ends are multiples of 64. Makes no
// hypercall. The source, which is copied, gives 1/256 of the region's size for the pool's records.
//
// Context: main
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the source lacks a function
//   VMBASE_ERROR_OUT_OF_RANGE      if the region is empty
//   VMBASE_ERROR_UNALIGNED         if an end of the region is not a multiple of 64
//   VMBASE_ERROR_NO_MEMORY         if the source has no more memory
enum vmbase_error vmbase_sharing_pool_init_static(struct vmbase_sharing_pool *pool,
						  const struct vmbase_sharing_source *source,
						  struct vmbase_range region);

// Allocates a buffer of size_bytes bytes, contiguous and zeroed, aligned to `alignment`, which is a power of
// two. The pool grows if necessary. The time is linear in the bytes of the pool.
//
// Context: main
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if size_bytes is 0, or if alignment is not a power of two
//   VMBASE_ERROR_NO_MEMORY         if the source or the static region has no more memory
//   VMBASE_ERROR_UNALIGNED         if the source does not align its memory
//   VMBASE_ERROR_BUSY              if the hypervisor refused part of the new chunk, and then to unshare the
//                                  rest: the rest stays in the pool, for later buffers
//   the other errors of vmbase_sharing_share()
enum vmbase_error vmbase_sharing_pool_allocate(struct vmbase_sharing_pool *pool, size_t size_bytes,
					       size_t alignment, void **buffer);

// Frees a buffer. If its chunk has no other buffer, the chunk goes back to the source, unless the pool would
// have less than its minimum. If the hypervisor does not unshare the chunk, the pool keeps it, and uses the
// part that is still shared for later buffers.
//
// Context: main
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if no buffer of the pool begins at this address
enum vmbase_error vmbase_sharing_pool_free(struct vmbase_sharing_pool *pool, void *buffer);

// Returns the statistics of a pool.
//
// Context: main
struct vmbase_sharing_pool_statistics vmbase_sharing_pool_statistics(const struct vmbase_sharing_pool *pool);

// Unshares all memory of a pool and gives it back to the source. A static region stays shared. The pool may be
// initialised again afterwards. After an error of the hypervisor, the chunks that it does not unshare
// completely stay in the pool, and all others have been given back: call it again to retry.
//
// Context: main
// Errors:
//   VMBASE_ERROR_BUSY  if buffers are in use; nothing has changed
//   the first error of the hypervisor
enum vmbase_error vmbase_sharing_pool_destroy(struct vmbase_sharing_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
