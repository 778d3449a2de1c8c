// SPDX-License-Identifier: Apache-2.0

// The heap's blocks, its bins, and how both are told from damaged ones.
//
// A range is a row of blocks without gaps, each a multiple of 32 bytes:
//
//     header, 8 bytes      in front of the address that malloc() returns, which is what a block is known by
//     in use: the user's bytes, then canaries up to the block's end, at least one
//     free:   two links,   the codes of the next and the previous block in the same bin
//             …
//             the content  of the header again but for its part of a granule, as the block's last 8 bytes
//
// In front of a block's header lies the end of the block before: a byte of canaries, whose highest bit is set,
// or the content of a free one, whose highest bit is not. That is how a block finds a free one before it.
// A range ends with a header of a block in use that has no more than the header.
//
// Free blocks are never neighbours. Each is in the bin for its size: those of less than 64 granules in bins of
// one size, larger ones in eight bins for each power of two. So what is taken from a bin beyond the size's own
// is large enough, whichever block it is, and bit maps find that bin without a search.
//
// A header says its content twice, the second time mixed with the block's address, the heap's key, and with
// whether it is free. A link is kept as a code: the address multiplied modulo 2^64, and for the next block the
// exclusive or of the header and the block's own address added. So what else is found in its place, or behind
// another header, decodes to any number, and that is beyond the heap's last address almost surely: below 4 GiB
// it is not in one case of 2^32. Nothing that was read from a block is followed before it has passed one of
// these two checks; of a free block that leaves its bin, the one of its link is the one of its header too.

#ifndef VMB_HEAP_H
#define VMB_HEAP_H

#include <vmbase/heap.h>

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GRANULE 32
#define HEADER_SIZE 8
// From a block back to the last word of the block before it.
#define END_DISTANCE 16

// The size that was asked for and HEADER_SIZE, which fills all of the block but part of its last granule. Free
// blocks have the flag too, and it does not matter how much of the last granule their content fills.
#define CONTENT_FREE (UINT32_C(1) << 31)
#define CONTENT_GRANULES(content) ((content) & ~(uint32_t)(GRANULE - 1))

#define REQUEST_MAX (CONTENT_FREE - GRANULE - HEADER_SIZE - 1)
#define SPAN_MAX ((size_t)CONTENT_FREE - GRANULE)

// Behind the user's bytes. Its highest bit tells the end of a block in use from that of a free one.
#define CANARY UINT64_C(0xc3c3c3c3c3c3c3c3)
#define CANARY_SIZE 32

// Bins of one size, for blocks of 1 to EXACT_BINS granules; then 1 << BIN_SHIFT for each power of two.
#define MAP_BITS 64
#define EXACT_BINS MAP_BITS
#define EXACT_LIMIT (EXACT_BINS * GRANULE)
#define BIN_SHIFT 3
#define MAP_WORDS 4
// A content of EXACT_LIMIT has so many zeros in front of its highest bit.
#define EXACT_LIMIT_ZEROS 20
#define BINS (EXACT_BINS + (EXACT_LIMIT_ZEROS << BIN_SHIFT))

// How many blocks of a bin that has several sizes are looked at for one that is large enough, before there is
// no memory.
#define PROBES 8

// What malloc() and free() are made of.
#define ALWAYS_INLINE __attribute__((always_inline)) static inline

// Memory that belongs now to the heap, now to the user, who accesses it as what he likes.
typedef uint64_t __attribute__((may_alias)) heap_word;

// What a free block begins with: its header and codes of its neighbours in its bin. The last one's next is the
// code of 0. What the first one's previous is does not matter.
struct heap_node {
	uint64_t header;
	uint64_t next;
	uint64_t previous;
} __attribute__((may_alias));

// Of what is added to the heap, the part that blocks begin in: from the first block to the header at the end.
struct heap_range {
	uintptr_t begin;
	size_t size_bytes;
};

struct heap {
	// The key for headers. A call takes it away and puts it back when it is done: whoever finds none has
	// interrupted another call, or runs beside it.
	_Atomic uint32_t key;
	// The range that the last pointer was in.
	struct heap_range recent;
	// What links are multiplied with, and what undoes that. Beside each is what is used with it.
	uint64_t decode_factor;
	uintptr_t limit; // the end of the range that is the last in memory
	uint64_t encode_factor;
	size_t headroom;         // how far what is live is below the peak
	uint64_t allocations;    // blocks that were given out; how many were freed, a count of blocks tells
	uint64_t map[MAP_WORDS]; // a bit for each bin that has blocks; those of exact bins are in the first
	uintptr_t bins[BINS];    // the first block of each, or 0

	size_t peak;
	// What the calls beside malloc() and free() did; allocations include the blocks that they gave out.
	_Atomic uint64_t callocs;
	_Atomic uint64_t aligned_allocs;
	_Atomic uint64_t reallocs;
	_Atomic uint64_t first_reallocs; // of a null pointer
	_Atomic uint64_t moves;          // to another block
	_Atomic uint64_t failures;
	uint64_t splits; // parts of blocks that became blocks only to be freed
	size_t size_bytes;
	size_t range_count;
	struct heap_range ranges[VMBASE_HEAP_RANGES];
	atomic_bool is_set_up;
};

extern struct heap vmb_heap;

// What the heap finds wrong, in the middle of a call. Puts the key back, looks for what is behind it, and
// reports that; what is passed is reported where nothing is found. Sets errno and returns NULL, so that any of
// the heap's functions may end with it. Key 0: the call had none.
void *vmb_heap_fault(uintptr_t pointer, uintptr_t evidence, uint32_t key, enum vmbase_heap_fault_kind kind);

// Ends a call for want of memory: puts the key back, sets errno and returns NULL. Key 0: as above.
void *vmb_heap_fail(uint32_t key);

// A block as a visitor gets it: its content is without the flag, and the most that it can be if it is free.
struct heap_place {
	uintptr_t block;
	uintptr_t next;
	uint32_t content;
	bool used;
};

// Is given each block in turn. It stops the visits where it returns false, having stored a fault.
typedef bool vmb_heap_visitor(const struct heap_place *place, void *context, struct vmbase_heap_fault *fault);

// Visits the blocks of a range up to the first one that is damaged. Returns whether all is as it should be;
// stores the first fault if not.
bool vmb_heap_is_intact(const struct heap_range *range, uint32_t key, vmb_heap_visitor *visit, void *context,
			struct vmbase_heap_fault *fault);

// The range that an address is in, or NULL.
const struct heap_range *vmb_heap_range_of(uintptr_t address);

// The key, where there was none to take: sets the heap up at its first use, and waits for another CPU; 0 where
// that would be in vain.
uint32_t vmb_heap_take_slowly(void);

// malloc() and free() of what is no null pointer, once the key has been taken. They put back what is to be the
// key afterwards: 0 keeps it taken, but not where the call fails.
void *vmb_heap_allocate(size_t size, uint32_t key, uint32_t key_after, struct heap *heap);
void vmb_heap_release(uintptr_t block, uint32_t key, uint32_t key_after);

// Changes the content of a block in use from `old` to one of no more granules, and puts the key back.
void vmb_heap_shrink(uintptr_t block, uint32_t old, uint32_t content, uint32_t key);

// A number that the compiler takes as it is, not as what it was computed from: where it would compute anew from
// that, or keep it for longer, at the cost of an instruction or a register.
static inline uint64_t launder(uint64_t number)
{
	__asm__("" : "+r"(number));
	return number;
}

// As an address of which the compiler does not know that it is a constant: it would form that of each member.
static inline struct heap *the_heap(void)
{
	return (struct heap *)launder((uintptr_t)&vmb_heap); // NOLINT(performance-no-int-to-ptr)
}

static inline uint32_t take(struct heap *heap)
{
	return atomic_exchange_explicit(&heap->key, 0, memory_order_acquire);
}

// The same, having waited if need be; 0 if this call has interrupted another.
static inline uint32_t take_or_wait(struct heap *heap)
{
	uint32_t key = take(heap);

	return key != 0 ? key : vmb_heap_take_slowly();
}

static inline void put(struct heap *heap, uint32_t key)
{
	atomic_store_explicit(&heap->key, key, memory_order_release);
}

// Addresses inside of ranges are numbers until they have been checked; here they become pointers.

static inline heap_word *word_at(uintptr_t address)
{
	return (heap_word *)address; // NOLINT(performance-no-int-to-ptr)
}

static inline struct heap_node *node_at(uintptr_t block)
{
	return (struct heap_node *)(block - HEADER_SIZE); // NOLINT(performance-no-int-to-ptr)
}

// By copying, since a pointer that a user passes may be one into the middle of anything.
static inline uint64_t unaligned_word_at(uintptr_t address)
{
	const unsigned char *bytes = (const unsigned char *)address; // NOLINT(performance-no-int-to-ptr)
	uint64_t word;

	__builtin_memcpy(&word, bytes, sizeof(word));
	return word;
}

// Two words that are read at once.
struct heap_pair {
	uint64_t low;
	uint64_t high;
};

static inline struct heap_pair pair_at(uintptr_t address)
{
	struct heap_pair pair = { .low = unaligned_word_at(address), .high = unaligned_word_at(address + 8) };

	// The compiler would put off reading the one that is needed later.
	__asm__ volatile("" : : "r"(pair.low), "r"(pair.high));
	return pair;
}

static inline uint64_t header_of(uintptr_t block)
{
	return unaligned_word_at(block - HEADER_SIZE);
}

static inline uint32_t content_of(uint64_t header)
{
	return (uint32_t)header & ~CONTENT_FREE;
}

static inline uint32_t tag_of(uintptr_t block, uint32_t key)
{
	return (uint32_t)block ^ key;
}

static inline bool is_used(uint64_t header, uint32_t tag)
{
	return (header ^ header << 32) >> 32 == tag;
}

static inline bool is_free(uint64_t header, uint32_t tag)
{
	return is_used(header, ~tag);
}

static inline uint64_t free_header(uint32_t content, uint32_t tag)
{
	const uint32_t flagged = content | CONTENT_FREE;

	return flagged | (uint64_t)(flagged ^ ~tag) << 32;
}

// The header of a block in use when that is free: the flag is set in both halves, and the tag is the other one.
static inline uint64_t freed_header(uint64_t header)
{
	return header ^ (CONTENT_FREE | (uint64_t)~CONTENT_FREE << 32);
}

static inline void set_used(uintptr_t block, uint32_t content, uint32_t tag)
{
	uint32_t __attribute__((may_alias)) *halves = (void *)word_at(block - HEADER_SIZE);

	halves[0] = content;
	halves[1] = content ^ tag;
}

// What lies around the end of a block is at distances from its last granule that fit into an instruction.
static inline uintptr_t next_granule(uintptr_t address)
{
	return launder(address) + GRANULE;
}

static inline uintptr_t next_block(uintptr_t block, uint32_t content)
{
	return next_granule(block + CONTENT_GRANULES(content));
}

// Fills the end of a free block.
static inline void set_end(uintptr_t next, uint32_t content)
{
	*word_at(next - END_DISTANCE) = CONTENT_GRANULES(content);
}

// The block behind a free one in its bin. Neither the header nor the link is damaged if it can be an address.
static inline uintptr_t decode_next(const struct heap *heap, uintptr_t block)
{
	const struct heap_pair pair = pair_at(block - HEADER_SIZE);

	return (pair.high - (pair.low ^ block)) * heap->decode_factor;
}

static inline uintptr_t decode_previous(const struct heap *heap, uintptr_t block)
{
	return node_at(block)->previous * heap->decode_factor;
}

static inline bool can_be_address(const struct heap *heap, uintptr_t address)
{
	return address < heap->limit;
}

// Fills the end of a block that is about to be given out, before its header is written: a block of one granule
// has less than this behind its header.
static inline void set_canaries(uintptr_t next)
{
	heap_word *canaries = word_at(next - HEADER_SIZE - CANARY_SIZE);

	canaries[2] = CANARY;
	canaries[3] = CANARY;
	canaries[0] = CANARY;
	canaries[1] = CANARY;
}

// Whether each byte from the end of what was asked for to the end of the block is a canary, of which the last
// eight have been read.
static inline bool has_canaries(uintptr_t block, uint32_t content, uintptr_t next, uint64_t last)
{
	const uintptr_t end = block + content - HEADER_SIZE;

	// A bit that is wrong in any of the words. Words in the middle may overlap.
	if ((content & 16) == 0) { // 17 bytes or more
		return ((unaligned_word_at(end) ^ CANARY) | (unaligned_word_at(end + 8) ^ CANARY) |
			(*word_at(next - END_DISTANCE - 8) ^ CANARY) | (last ^ CANARY)) == 0;
	}
	if ((content & 8) == 0) { // 9 to 16
		return ((unaligned_word_at(end) ^ CANARY) | (last ^ CANARY)) == 0;
	}
	// 1 to 8: what lies lower in the word is the user's.
	return (last ^ CANARY) >> (content * CHAR_BIT % 64) == 0;
}

// The bin for blocks that have all of a content's granules but the last, where that is one of several sizes.
static inline size_t large_bin_of(uint32_t content)
{
	const uint32_t zeros = (uint32_t)__builtin_clz(content);
	// The highest bit, which is set, and as many behind it as tell a power's bins apart.
	const uint32_t highest = content << zeros >> (31 - BIN_SHIFT);

	return EXACT_BINS + ((EXACT_LIMIT_ZEROS - 1) << BIN_SHIFT) + highest - (zeros << BIN_SHIFT);
}

// Makes a block the first one of a bin.
ALWAYS_INLINE void push(struct heap *heap, size_t bin, uint64_t *map, uintptr_t block, uint64_t header,
			uint64_t factor)
{
	const uintptr_t first = heap->bins[bin];

	node_at(block)->header = header;
	node_at(block)->next = first * factor + (header ^ block);
	heap->bins[bin] = block;
	if (first != 0) {
		node_at(first)->previous = block * factor;
	} else {
		*map |= UINT64_C(1) << bin % MAP_BITS;
	}
}

// Takes the first block out of a bin, unless it is damaged.
ALWAYS_INLINE bool pop(struct heap *heap, size_t bin, uint64_t *map, uintptr_t block)
{
	const uintptr_t next = decode_next(heap, block);

	if (!can_be_address(heap, next)) {
		return false;
	}
	heap->bins[bin] = next;
	if (next == 0) {
		*map &= ~(UINT64_C(1) << bin % MAP_BITS);
	}
	return true;
}

// Makes what ends in front of `next` a free block, in the bin for its size.
ALWAYS_INLINE void insert(struct heap *heap, uintptr_t block, uintptr_t next, uint32_t content, uint64_t header)
{
	const uint64_t factor = heap->encode_factor;

	set_end(next, content);
	if (content < EXACT_LIMIT) {
		push(heap, content / GRANULE, &heap->map[0], block, header, factor);
	} else {
		const size_t bin = large_bin_of(content);

		push(heap, bin, &heap->map[bin / MAP_BITS], block, header, factor);
	}
}

// Takes a block out of a bin, unless it is damaged.
ALWAYS_INLINE bool unlink_from(struct heap *heap, size_t bin, uint64_t *map, uintptr_t block)
{
	if (heap->bins[bin] == block) {
		return pop(heap, bin, map, block);
	}
	const uintptr_t next = decode_next(heap, block);
	const uintptr_t previous = decode_previous(heap, block);

	// Only the first block has none before it.
	if (!can_be_address(heap, next) || !can_be_address(heap, previous) || previous == 0) {
		return false;
	}
	node_at(previous)->next = next * heap->encode_factor + (node_at(previous)->header ^ previous);
	if (next != 0) {
		node_at(next)->previous = node_at(block)->previous;
	}
	return true;
}

// Takes a block out of its bin, unless it is damaged.
ALWAYS_INLINE bool unlink_block(struct heap *heap, uintptr_t block, uint32_t content)
{
	if (content < EXACT_LIMIT) {
		return unlink_from(heap, content / GRANULE, &heap->map[0], block);
	}
	const size_t bin = large_bin_of(content);

	return unlink_from(heap, bin, &heap->map[bin / MAP_BITS], block);
}

static inline void count_live(struct heap *heap, uint32_t content)
{
	if (__builtin_sub_overflow(heap->headroom, content, &heap->headroom)) {
		heap->peak -= heap->headroom;
		heap->headroom = 0;
	}
}

static inline void count_allocation(struct heap *heap, uint32_t content)
{
	heap->allocations++;
	count_live(heap, content);
}

#endif
