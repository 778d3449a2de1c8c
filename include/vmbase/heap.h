// SPDX-License-Identifier: Apache-2.0

// The heap behind malloc(), calloc(), realloc(), free() and aligned_alloc().
//
// Those five are C17's (7.22.3), with their prototypes in <stdlib.h>: malloc(0) gives a pointer of its own that
// may be freed, what cannot be had gives NULL and errno ENOMEM, aligned_alloc() with an alignment that is no
// power of two gives NULL and errno EINVAL. Pointers are aligned to 16 bytes, which suits every type.
//
// The rest of the C library's allocation functions are for this heap too: memalign(), posix_memalign(),
// valloc(), pvalloc(), reallocarray(), reallocf(), cfree(), and of <malloc.h> malloc_usable_size(), which gives
// the size that was asked for, mallinfo(), malloc_stats(), and malloc_trim() and mallopt(), which do nothing
// and say so. There is no sbrk().
//
// A call takes time that has a bound, whatever the heap's size and the number of its blocks are: there is no
// search, and no memory is touched but that of the block and its neighbours. (calloc() and realloc() also
// write and copy the bytes they are asked to.) The price is that malloc() of 2 KiB or more may fail while there
// is a block for it: where eight free blocks of nearly its size are a little smaller, and none is larger.
//
// Memory is never zeroed at boot. A block costs 8 bytes and at least one byte behind its end, rounded up to a
// multiple of 32; it is smaller than 2 GiB. What is written behind a block's end, into its header or over the
// links in a free block is found when the heap comes upon it, and reported: see vmbase_heap_report().
//
// All functions here and those five may be called from main's context on any CPU, and from a handler. One that
// interrupts another one of them in the same CPU cannot wait for it to end. It fails instead: malloc() and its
// kin with NULL and ENOMEM, free() with a fault of the kind BUSY, those below with VMBASE_ERROR_BUSY.

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

// Gives the guest a heap of size_bytes bytes inside of the image's writable data. At most one source file of
// the guest says, outside any function:
//
//     VMBASE_HEAP(1024 * 1024);
//
// The memory is neither part of the raw image nor zeroed at boot, and the first call of malloc() finds it.
// Without it malloc() has only what vmbase_heap_add() adds.
#define VMBASE_HEAP(size_bytes)                                                                                \
	__attribute__((section(".noinit.vmbase_heap"),                                                         \
		       aligned(VMBASE_HEAP_ALIGNMENT))) static unsigned char vmbase_heap_memory[size_bytes];   \
	const struct vmbase_range vmbase_heap_region = {                                                       \
		(uintptr_t)vmbase_heap_memory,                                                                 \
		(uintptr_t)vmbase_heap_memory + sizeof(vmbase_heap_memory),                                    \
	}

#define VMBASE_HEAP_ALIGNMENT 16
extern const struct vmbase_range vmbase_heap_region;

// How many ranges a heap may have.
#define VMBASE_HEAP_RANGES 16

// Adds the memory of a range for good. It is mapped readable and writable, nobody else
// uses it, and its contents do not matter. Its first and last bytes go unused where they are not aligned to 16
// bytes. A range of 2 GiB or more counts as several, one for each 2 GiB begun. (<vmbase/ram.h> adds all RAM
// that is free.)
//
// VMBASE_ERROR_OUT_OF_RANGE: the range wraps around, goes beyond the 48 bits of a virtual address, or is too
// small to hold a block (80 bytes never are). VMBASE_ERROR_OVERLAP: part of it is the heap's already.
// VMBASE_ERROR_NO_MEMORY: the heap has VMBASE_HEAP_RANGES ranges. VMBASE_ERROR_BUSY: see above.
enum vmbase_error vmbase_heap_add(struct vmbase_range range);

// Mixes `key` into what the heap writes beside and into its blocks, so that nobody who does not know it can
// forge that. Best a random number; without a call it is a constant. For the start of main: no other function
// of the heap has been called before.
//
// VMBASE_ERROR_BUSY: one has.
enum vmbase_error vmbase_heap_set_key(uint64_t key);

// What the heap finds wrong. `pointer` and `evidence` are the two addresses of each kind.
enum vmbase_heap_fault_kind {
	// free() or realloc() of a block that is free. pointer: what was passed; evidence: the free block.
	VMBASE_HEAP_DOUBLE_FREE,
	// … of what is inside of a block. pointer: what was passed; evidence: that block.
	VMBASE_HEAP_INTERIOR_POINTER,
	// … of what is in none of the heap's ranges. pointer: what was passed; evidence: 0.
	VMBASE_HEAP_FOREIGN_POINTER,
	// Bytes behind the end of a block were written. pointer: the block; evidence: the first such byte.
	VMBASE_HEAP_OVERRUN,
	// The 8 bytes in front of a block were written. pointer: the block; evidence: those bytes.
	VMBASE_HEAP_CORRUPT_HEADER,
	// A free block was written. pointer: the block; evidence: the first bytes that are wrong.
	VMBASE_HEAP_CORRUPT_LINK,
	// free() interrupted another call. pointer: what was passed, which stays allocated; evidence: 0.
	VMBASE_HEAP_BUSY,
};

struct vmbase_heap_fault {
	enum vmbase_heap_fault_kind kind;
	uintptr_t pointer;
	uintptr_t evidence;
	uintptr_t caller; // where the call that found it returns to, which may be inside of realloc()
};

// Called with each fault that is found, while no call is under way. The default calls vmbase_panic(): its crash
// report names the fault, and the VM ends as VMBASE_CRASH_END of <vmbase/panic.h> says. A guest that defines
// the function replaces it. Where it returns, the call that found the fault fails: malloc() and its kin return
// NULL, free() leaves the block as it is.
void vmbase_heap_report(const struct vmbase_heap_fault *fault);

// A short text for a line about a fault, such as "double free". Any context.
const char *vmbase_heap_fault_name(enum vmbase_heap_fault_kind kind);

struct vmbase_heap_statistics {
	size_t size_bytes;         // all of the memory that was added
	size_t live_bytes;         // asked for and not freed, 8 bytes more for each block
	size_t peak_bytes;         // the most that live_bytes ever was
	size_t live_blocks;        // how many blocks these are
	size_t largest_free_bytes; // of the largest free block, the most that fits
	// How often each function was called and did what it was asked to.
	uint64_t malloc_calls;
	uint64_t calloc_calls;
	uint64_t realloc_calls;
	uint64_t aligned_alloc_calls;
	uint64_t free_calls; // but not with NULL
	uint64_t failures;   // calls that returned NULL, but for an alignment or a fault
};

// Stores the statistics, in time proportional to the number of blocks.
//
// VMBASE_ERROR_BUSY: see above. VMBASE_ERROR_CORRUPT: a block is not what it was; it is reported.
enum vmbase_error vmbase_heap_statistics(struct vmbase_heap_statistics *statistics);

struct vmbase_heap_block {
	void *pointer;     // as malloc() returned it
	size_t size_bytes; // as it was asked for; of a free block, the most that fits
	bool is_free;
};

// Calls visit() with each block, in the order in which ranges were added, and of addresses within each: what is
// not free at shutdown has leaked. visit() may print, but must not call the heap, which is in use.
//
// VMBASE_ERROR_BUSY: see above. VMBASE_ERROR_CORRUPT: a block is not what it was, so that those behind it in
// its range cannot be found; it is reported.
enum vmbase_error vmbase_heap_walk(void (*visit)(const struct vmbase_heap_block *block, void *context),
				   void *context);

// Checks everything that the functions above rely on, in time proportional to the number of blocks.
//
// VMBASE_ERROR_BUSY: see above. VMBASE_ERROR_CORRUPT: the first fault found; it is reported.
enum vmbase_error vmbase_heap_check(void);

#ifdef __cplusplus
}
#endif

#endif
