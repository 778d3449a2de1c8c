// SPDX-License-Identifier: Apache-2.0

// The heap of malloc(), calloc(), realloc(), free() and aligned_alloc().
//
// These five are C17's functions (7.22.3), with their prototypes in <stdlib.h>. malloc(0) returns a unique
// pointer that may be freed. A failed allocation returns NULL with errno ENOMEM; aligned_alloc() with an
// alignment that is not a power of two returns NULL with errno EINVAL. Pointers are aligned to 16 bytes, which
// suits every type.
//
// The other allocation functions of the C library use this heap too: memalign(), posix_memalign(), valloc(),
// pvalloc(), reallocarray(), reallocf(), cfree(), and of <malloc.h> malloc_usable_size(), which returns the
// requested size, mallinfo() and malloc_stats(). malloc_trim() and mallopt() do nothing and report that. There
// is no sbrk().
//
// The time of a call has a bound that depends neither on the size of the heap nor on the number of blocks: the
// heap does not search, and touches only the memory of the block and of its neighbours. (calloc() and realloc()
// also write and copy the contents.) For this reason malloc() of 2040 bytes or more may fail although a large
// enough block is free: this happens only if at least eight free blocks of nearly its size are a little too
// small, and no free block is much larger.
//
// The boot never zeroes the heap. A block costs 8 bytes and at least one byte after its end, rounded up to a
// multiple of 32; it is smaller than 2 GiB. The heap detects writes after the end of a block, into its header,
// and over the links in a free block when it next uses them, and reports them: see vmbase_heap_report().
//
// All these functions may be called from main and from handlers, on any CPU. While another CPU is in a call,
// a call from main waits, for some milliseconds at most. A call from a handler never waits. A call fails if it
// interrupts another call on the same CPU, or if another CPU is still in a call after the wait: the allocating
// functions return NULL with ENOMEM, free() reports a fault of the kind BUSY, malloc_usable_size() returns 0,
// and the functions here return VMBASE_ERROR_BUSY.

#ifndef VMBASE_HEAP_H
#define VMBASE_HEAP_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Defines a heap of size_bytes bytes in the image's writable data. At most one source file of the guest has
// this line, outside of any function:
//
//     VMBASE_HEAP(1024 * 1024);
//
// The memory is neither part of the raw image nor zeroed at boot. The first call of malloc() finds it. Without
// VMBASE_HEAP() the heap has only the memory that vmbase_heap_add() adds.
#define VMBASE_HEAP(size_bytes)                                                                                \
	__attribute__((section(".noinit.vmbase_heap"),                                                         \
		       aligned(VMBASE_HEAP_ALIGNMENT))) static unsigned char vmbase_heap_memory[size_bytes];   \
	const struct vmbase_range vmbase_heap_region = {                                                       \
		(uintptr_t)vmbase_heap_memory,                                                                 \
		(uintptr_t)vmbase_heap_memory + sizeof(vmbase_heap_memory),                                    \
	}

#define VMBASE_HEAP_ALIGNMENT 16
extern const struct vmbase_range vmbase_heap_region;

// The largest number of ranges of a heap.
#define VMBASE_HEAP_RANGES 16

// Adds a range of memory to the heap, for ever. The memory must be mapped readable and writable, and have no
// other user; its contents do not matter. Bytes before and after the multiples of 16 bytes stay unused. A range
// of 2 GiB or more counts as several ranges, one for each 2 GiB or part of 2 GiB. (<vmbase/ram.h> adds all free
// RAM.)
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if the range wraps around, ends beyond the 48 bits of a virtual address, or is
//                              too small for a block (80 bytes are always enough)
//   VMBASE_ERROR_OVERLAP       if part of the range already belongs to the heap
//   VMBASE_ERROR_NO_MEMORY     if the heap has VMBASE_HEAP_RANGES ranges
//   VMBASE_ERROR_BUSY          if another call is at work: see above
enum vmbase_error vmbase_heap_add(struct vmbase_range range);

// Sets the secret that the heap mixes into its headers and links, so that an attacker without the secret cannot
// forge them. Use a random number; the default is a constant. Call this function at the start of main, before
// any other function of the heap.
//
// Context: main
// Errors:
//   VMBASE_ERROR_BUSY  if this or another function of the heap has been called before
enum vmbase_error vmbase_heap_set_key(uint64_t key);

// The kinds of faults, each with the meaning of its two addresses, `pointer` and `evidence`.
enum vmbase_heap_fault_kind {
	// free() or realloc() of a free block. pointer: the argument; evidence: the free block.
	VMBASE_HEAP_DOUBLE_FREE,
	// free() or realloc() of a pointer into a block. pointer: the argument; evidence: the block.
	VMBASE_HEAP_INTERIOR_POINTER,
	// free() or realloc() of a pointer outside of the heap's ranges. pointer: the argument; evidence: 0.
	VMBASE_HEAP_FOREIGN_POINTER,
	// Bytes after the end of a block were written. pointer: the block; evidence: the first changed byte.
	VMBASE_HEAP_OVERRUN,
	// The 8 bytes before a block were written. pointer: the block; evidence: these bytes.
	VMBASE_HEAP_CORRUPT_HEADER,
	// A free block was written. pointer: the block; evidence: the first wrong bytes.
	VMBASE_HEAP_CORRUPT_LINK,
	// free() found another call at work and could not wait. pointer: the argument, which stays allocated;
	// evidence: 0.
	VMBASE_HEAP_BUSY,
};

// A fault.
struct vmbase_heap_fault {
	enum vmbase_heap_fault_kind kind;
	uintptr_t pointer;
	uintptr_t evidence;
	uintptr_t caller; // the return address of the call that found it, which may be inside of realloc()
};

// Reports a fault. The heap calls this function for each fault that it finds. The call that found the fault has
// then ended its work, so that the function may use the heap; only for VMBASE_HEAP_BUSY another call is still
// at work. The default calls vmbase_panic(): the crash report names the fault, and the VM ends as
// VMBASE_CRASH_END of <vmbase/panic.h> says. A guest that defines the function replaces the default. If the
// function returns, the call that found the fault fails: an allocating function returns NULL, free() leaves the
// block as it is.
void vmbase_heap_report(const struct vmbase_heap_fault *fault);

// Returns a short text for a line about a fault, such as "double free".
//
// Context: any
const char *vmbase_heap_fault_name(enum vmbase_heap_fault_kind kind);

// The statistics of the heap.
struct vmbase_heap_statistics {
	size_t size_bytes;         // the memory that was added
	size_t live_bytes;         // the requested bytes of allocated blocks, and 8 bytes more for each block
	size_t peak_bytes;         // the largest value of live_bytes so far
	size_t live_blocks;        // the number of allocated blocks
	size_t largest_free_bytes; // the largest size that fits into the largest free block
	// The number of successful calls of each function.
	uint64_t malloc_calls;
	uint64_t calloc_calls;
	uint64_t realloc_calls;
	uint64_t aligned_alloc_calls;
	uint64_t free_calls; // without calls with NULL
	uint64_t failures;   // calls that returned NULL, except because of an alignment or a fault
};

// Stores the statistics. The time is linear in the number of blocks.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY     if another call is at work: see above
//   VMBASE_ERROR_CORRUPT  if a block is damaged; the fault is reported
enum vmbase_error vmbase_heap_statistics(struct vmbase_heap_statistics *statistics);

// A block, for vmbase_heap_walk().
struct vmbase_heap_block {
	void *pointer;     // the result of malloc()
	size_t size_bytes; // the requested size; of a free block, the largest size that fits
	bool is_free;
};

// Calls visit() for each block: range by range, in the order in which the ranges were added, and in ascending
// order in each range. Blocks that are not free at shutdown have leaked. visit() may print, but must not call
// the heap, which is in use.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY     if another call is at work: see above
//   VMBASE_ERROR_CORRUPT  if a block is damaged, so that the next blocks of its range cannot be found; the
//                         fault is reported
enum vmbase_error vmbase_heap_walk(void (*visit)(const struct vmbase_heap_block *block, void *context),
				   void *context);

// Checks each block of the heap: its header, the bytes after its end, and the links of a free block. The time
// is linear in the number of blocks.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY     if another call is at work: see above
//   VMBASE_ERROR_CORRUPT  if there is a fault; the first one is reported
enum vmbase_error vmbase_heap_check(void);

#ifdef __cplusplus
}
#endif

#endif
