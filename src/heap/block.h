// SPDX-License-Identifier: Apache-2.0

// The heap's blocks: their layout, their headers, and the checks that tell a block from a damaged one.
//
// A range is a row of blocks without gaps. Each block is a multiple of GRANULE bytes. A block is known by the
// address that malloc() returns, 8 bytes after its header:
//
//             in use                                    free
//
//     block-8 +-------------------------------+         +-------------------------------+
//             | header                        |         | header                        |
//       block +-------------------------------+         +-------------------------------+
//             | the user's bytes              |         | code of the next free block   |
//             |                               |         +-------------------------------+
//             |                               |         | code of the previous one      |
//             |                               |         +-------------------------------+
//             +-------------------------------+         | not used                      |
//             | canaries, at least one byte,  |         +-------------------------------+
//             | highest bit 1                 |         | rounded content, highest bit 0|
//      next-8 +-------------------------------+         +-------------------------------+
//             | header of the next block      |         | header of the next block      |
//        next +-------------------------------+         +-------------------------------+
//
// The word at next-16 is the last word of a block. Its highest bit tells the next block whether this block is
// free. If the block is free, the word has its content, rounded down to granules (CONTENT_GRANULES), which
// leads to its beginning. A range begins with a word of canaries, before the header of its first block, and
// ends with a header of a block in use that has no bytes. Two free blocks are never neighbours.
//
// The content of a block is the size that the user asked for plus HEADER_SIZE. A header has the content twice.
// The second copy is mixed with the block's address, the heap's key, and with whether the block is free. If
// something overwrites a header, the two copies no longer match.

#ifndef VMB_HEAP_BLOCK_H
#define VMB_HEAP_BLOCK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GRANULE 32
#define HEADER_SIZE 8
// From a block back to the last word of the block before it.
#define END_DISTANCE 16

// The flag of free blocks in a content. In the header of a free block the bits below a granule do not matter:
// they are dropped when the content is used.
#define CONTENT_FREE (UINT32_C(1) << 31)
#define CONTENT_GRANULES(content) ((content) & ~(uint32_t)(GRANULE - 1))

#define REQUEST_MAX (CONTENT_FREE - GRANULE - HEADER_SIZE - 1)
#define SPAN_MAX ((size_t)CONTENT_FREE - GRANULE)

// Follows the user's bytes. Its highest bit marks the end of a block in use.
#define CANARY UINT64_C(0xc3c3c3c3c3c3c3c3)
#define CANARY_SIZE 32

// Memory of blocks. The user accesses the same memory by other types.
typedef uint64_t __attribute__((may_alias)) heap_word;

// Hides from the compiler how a number was computed. The compiler would otherwise compute it again, or keep it
// in a register for longer.
static inline uint64_t launder(uint64_t number)
{
	__asm__("" : "+r"(number));
	return number;
}

// An address inside a range is a number until it has been checked. These functions make pointers of checked
// addresses.

static inline heap_word *word_at(uintptr_t address)
{
	return (heap_word *)address; // NOLINT(performance-no-int-to-ptr)
}

// Reads by copying, because a pointer that a user passes may have any alignment.
static inline uint64_t unaligned_word_at(uintptr_t address)
{
	const unsigned char *bytes = (const unsigned char *)address; // NOLINT(performance-no-int-to-ptr)
	uint64_t word;

	__builtin_memcpy(&word, bytes, sizeof(word));
	return word;
}

// Two words that are read together.
struct heap_pair {
	uint64_t low;
	uint64_t high;
};

static inline struct heap_pair pair_at(uintptr_t address)
{
	struct heap_pair pair = { .low = unaligned_word_at(address), .high = unaligned_word_at(address + 8) };

	// Without this the compiler reads the second word later, where it needs it.
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

// Returns the header that a block in use gets when it becomes free.
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

// Addresses near the end of a block are formed from its last granule: the distances fit into an instruction.
static inline uintptr_t next_granule(uintptr_t address)
{
	return launder(address) + GRANULE;
}

static inline uintptr_t next_block(uintptr_t block, uint32_t content)
{
	return next_granule(block + CONTENT_GRANULES(content));
}

// Writes the last word of a free block.
static inline void set_end(uintptr_t next, uint32_t content)
{
	*word_at(next - END_DISTANCE) = CONTENT_GRANULES(content);
}

// Fills the end of a block before its header is written: in a block of one granule the canaries overlap the
// header.
static inline void set_canaries(uintptr_t next)
{
	heap_word *canaries = word_at(next - HEADER_SIZE - CANARY_SIZE);

	canaries[2] = CANARY;
	canaries[3] = CANARY;
	canaries[0] = CANARY;
	canaries[1] = CANARY;
}

// Returns whether each byte after the user's bytes is a canary. `last` is the last word of the block.
static inline bool has_canaries(uintptr_t block, uint32_t content, uintptr_t next, uint64_t last)
{
	const uintptr_t end = block + content - HEADER_SIZE;

	// A bit is 1 if it is wrong in any word. The words may overlap.
	if ((content & 16) == 0) { // 17 canaries or more
		return ((unaligned_word_at(end) ^ CANARY) | (unaligned_word_at(end + 8) ^ CANARY) |
			(*word_at(next - END_DISTANCE - 8) ^ CANARY) | (last ^ CANARY)) == 0;
	}
	if ((content & 8) == 0) { // 9 to 16 canaries
		return ((unaligned_word_at(end) ^ CANARY) | (last ^ CANARY)) == 0;
	}
	// 1 to 8 canaries: the lower bytes of the word are the user's.
	return (last ^ CANARY) >> (content * CHAR_BIT % 64) == 0;
}

#endif
