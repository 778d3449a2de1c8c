// SPDX-License-Identifier: Apache-2.0

// Pools of buffers in shared memory.

#include <vmbase/sharing.h>

#include "../base/align.h"

#include <string.h>

// The unit of buffers, a cache line: they begin at multiples of it and have multiples of it.
#define UNIT_BYTES 64

// The unit by which a pool of plain memory grows.
#define PLAIN_GRANULE_BYTES VMB_PAGE_SIZE

// The least growth of a pool: each chunk has a record and makes searches longer. If a granule is larger, the
// growth is one granule.
#define GROWTH_BYTES 16384

// Sizes up to this limit can be rounded up to any power of two without an overflow. No memory is larger.
#define LIMIT_BYTES (SIZE_MAX / 2)

// Contiguous memory that contains buffers. The record is in private memory of the source, because the host
// could rewrite a record in the chunk itself.
struct vmb_sharing_chunk {
	struct vmb_sharing_chunk *next;
	uintptr_t begin;
	size_t size_bytes;
	size_t used_units;
	// The range of buffers. It is the whole chunk unless the hypervisor took back a part, or
	// vmbase_sharing_unshare_all() took all.
	struct vmbase_sharing_record shared;
	// Two bits for each unit: whether it is in use, and whether it is the last unit of a buffer.
	size_t words;
	uint64_t bits[];
};

#define BITS_PER_WORD 64

static uint64_t *used_bits(struct vmb_sharing_chunk *chunk)
{
	return chunk->bits;
}

static uint64_t *last_bits(struct vmb_sharing_chunk *chunk)
{
	return chunk->bits + chunk->words;
}

static bool bit_at(const uint64_t *bits, size_t index)
{
	return (bits[index / BITS_PER_WORD] >> index % BITS_PER_WORD & 1) != 0;
}

// Returns the first index in [begin, end) at which a bit has a value, or `end`.
static size_t find_bit(const uint64_t *bits, bool value, size_t begin, size_t end)
{
	while (begin < end) {
		uint64_t word = value ? bits[begin / BITS_PER_WORD] : ~bits[begin / BITS_PER_WORD];

		word >>= begin % BITS_PER_WORD;
		if (word != 0) {
			size_t found = begin + (size_t)__builtin_ctzll(word);

			return found < end ? found : end;
		}
		begin += BITS_PER_WORD - begin % BITS_PER_WORD;
	}
	return end;
}

static void fill_bits(uint64_t *bits, bool value, size_t begin, size_t end)
{
	while (begin < end) {
		size_t shift = begin % BITS_PER_WORD;
		size_t count = BITS_PER_WORD - shift < end - begin ? BITS_PER_WORD - shift : end - begin;
		uint64_t mask = UINT64_MAX >> (BITS_PER_WORD - count) << shift;

		if (value) {
			bits[begin / BITS_PER_WORD] |= mask;
		} else {
			bits[begin / BITS_PER_WORD] &= ~mask;
		}
		begin += count;
	}
}

static void *pointer_to(uintptr_t address)
{
	// The address is in a chunk, whose memory the source or the pool's owner gave.
	return (void *)address; // NOLINT(performance-no-int-to-ptr)
}

static size_t shared_bytes(const struct vmbase_sharing_pool *pool)
{
	size_t sum = 0;

	for (const struct vmb_sharing_chunk *chunk = pool->chunks; chunk != NULL; chunk = chunk->next) {
		sum += chunk->shared.end - chunk->shared.begin;
	}
	return sum;
}

// Returns the record of a new chunk without memory, or NULL.
static struct vmb_sharing_chunk *new_chunk(const struct vmbase_sharing_pool *pool, size_t size_bytes)
{
	const size_t words = (size_bytes / UNIT_BYTES + BITS_PER_WORD - 1) / BITS_PER_WORD;
	const size_t alignment = _Alignof(struct vmb_sharing_chunk);
	const size_t record_bytes = sizeof(struct vmb_sharing_chunk) + 2 * words * sizeof(uint64_t);
	struct vmb_sharing_chunk *chunk = pool->source.allocate(alignment, record_bytes, pool->source.context);

	_Static_assert(sizeof(*chunk) % _Alignof(struct vmb_sharing_chunk) == 0, "a multiple of the alignment");
	if (chunk != NULL) {
		memset(chunk, 0, record_bytes);
		chunk->size_bytes = size_bytes;
		chunk->words = words;
	}
	return chunk;
}

static void add_chunk(struct vmbase_sharing_pool *pool, struct vmb_sharing_chunk *chunk)
{
	struct vmb_sharing_chunk **link = &pool->chunks;

	// Appends the chunk, so that older chunks are filled first and younger ones become empty.
	while (*link != NULL) {
		link = &(*link)->next;
	}
	*link = chunk;
}

// Gives a chunk that is neither shared nor in the list back to the source.
static void release_chunk(const struct vmbase_sharing_pool *pool, struct vmb_sharing_chunk *chunk)
{
	if (pool->granule_bytes != 0) {
		memset(pointer_to(chunk->begin), 0, chunk->size_bytes);
		pool->source.free(pointer_to(chunk->begin), pool->source.context);
	}
	pool->source.free(chunk, pool->source.context);
}

// Takes a chunk back from the host and out of the list. After an error the chunk stays, with the part that is
// still shared.
static enum vmbase_error remove_chunk(const struct vmbase_sharing_pool *pool, struct vmb_sharing_chunk **link)
{
	struct vmb_sharing_chunk *chunk = *link;

	if (pool->is_shared_by_call && chunk->shared.begin != chunk->shared.end) {
		enum vmbase_error error = vmbase_sharing_unshare(&chunk->shared);

		if (error != VMBASE_OK) {
			return error;
		}
	}
	*link = chunk->next;
	release_chunk(pool, chunk);
	return VMBASE_OK;
}

// Adds a chunk. After an error there is no new chunk, unless the error is VMBASE_ERROR_BUSY.
static enum vmbase_error add_memory(struct vmbase_sharing_pool *pool, size_t size_bytes, size_t alignment,
				    struct vmb_sharing_chunk **added)
{
	struct vmb_sharing_chunk *chunk = new_chunk(pool, size_bytes);
	void *memory =
		chunk != NULL ? pool->source.allocate(alignment, size_bytes, pool->source.context) : NULL;
	enum vmbase_error error = VMBASE_OK;

	if (memory == NULL) {
		if (chunk != NULL) {
			pool->source.free(chunk, pool->source.context);
		}
		return VMBASE_ERROR_NO_MEMORY;
	}
	chunk->begin = (uintptr_t)memory;
	memset(memory, 0, size_bytes);
	if (chunk->begin % alignment != 0) {
		error = VMBASE_ERROR_UNALIGNED;
	} else if (pool->is_shared_by_call) {
		error = vmbase_sharing_share(&chunk->shared, vmbase_range_at(chunk->begin, size_bytes));
	} else {
		chunk->shared.begin = chunk->begin;
		chunk->shared.end = chunk->begin + size_bytes;
	}
	if (error != VMBASE_OK && error != VMBASE_ERROR_BUSY) {
		release_chunk(pool, chunk);
		return error;
	}
	add_chunk(pool, chunk);
	*added = chunk;
	return error;
}

// Adds a chunk with room for a buffer at its beginning.
static enum vmbase_error grow(struct vmbase_sharing_pool *pool, size_t buffer_bytes, size_t buffer_alignment,
			      struct vmb_sharing_chunk **added)
{
	const size_t shared = shared_bytes(pool);
	const size_t lacking = shared < pool->minimum_bytes ? pool->minimum_bytes - shared : 0;
	const size_t alignment = vmb_max(buffer_alignment, pool->granule_bytes);
	const size_t least = vmb_align_up(buffer_bytes, alignment);
	const size_t wanted = vmb_align_up(vmb_max(vmb_max(lacking, GROWTH_BYTES), buffer_bytes), alignment);
	enum vmbase_error error;

	if (pool->granule_bytes == 0) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	error = add_memory(pool, wanted, alignment, added);
	if (error == VMBASE_ERROR_NO_MEMORY && least < wanted) {
		error = add_memory(pool, least, alignment, added);
	}
	return error;
}

// Finds `units` consecutive free units. The first one is at a multiple of `alignment`.
static bool find_room(struct vmb_sharing_chunk *chunk, size_t units, size_t alignment, size_t *found)
{
	const size_t shared_units = (chunk->shared.end - chunk->shared.begin) / UNIT_BYTES;
	size_t index = (chunk->shared.begin - chunk->begin) / UNIT_BYTES;
	const size_t end = index + shared_units;

	if (shared_units < chunk->used_units + units) {
		return false;
	}
	for (;;) {
		index = find_bit(used_bits(chunk), false, index, end);

		const uintptr_t address = chunk->begin + index * UNIT_BYTES;
		const size_t gap = (0 - address) & (alignment - 1);

		index += gap / UNIT_BYTES;
		if (index >= end || end - index < units) {
			return false;
		}

		const size_t next_used = find_bit(used_bits(chunk), true, index, index + units);

		if (next_used == index + units) {
			*found = index;
			return true;
		}
		index = next_used;
	}
}

enum vmbase_error vmbase_sharing_pool_init(struct vmbase_sharing_pool *pool,
					   const struct vmbase_sharing_source *source, size_t minimum_bytes)
{
	size_t granule_bytes = PLAIN_GRANULE_BYTES;
	enum vmbase_error error;

	if (source->allocate == NULL || source->free == NULL || minimum_bytes > LIMIT_BYTES) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	error = vmbase_sharing_granule(&granule_bytes);
	if (error != VMBASE_OK && error != VMBASE_ERROR_UNSUPPORTED) {
		return error;
	}
	*pool = (struct vmbase_sharing_pool){
		.source = *source,
		.granule_bytes = granule_bytes,
		.minimum_bytes = minimum_bytes,
		.is_shared_by_call = error == VMBASE_OK,
	};
	return VMBASE_OK;
}

enum vmbase_error vmbase_sharing_pool_init_static(struct vmbase_sharing_pool *pool,
						  const struct vmbase_sharing_source *source,
						  struct vmbase_range region)
{
	const struct vmbase_sharing_pool new_pool = { .source = *source };
	struct vmb_sharing_chunk *chunk;

	if (source->allocate == NULL || source->free == NULL) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	if (region.begin >= region.end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (region.begin % UNIT_BYTES != 0 || region.end % UNIT_BYTES != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	chunk = new_chunk(&new_pool, region.end - region.begin);
	if (chunk == NULL) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	chunk->begin = region.begin;
	chunk->shared.begin = region.begin;
	chunk->shared.end = region.end;
	*pool = new_pool;
	add_chunk(pool, chunk);
	return VMBASE_OK;
}

// Marks the units from `first` on as a buffer.
static void *take(struct vmbase_sharing_pool *pool, struct vmb_sharing_chunk *chunk, size_t first, size_t units)
{
	void *buffer = pointer_to(chunk->begin + first * UNIT_BYTES);

	fill_bits(used_bits(chunk), true, first, first + units);
	fill_bits(last_bits(chunk), true, first + units - 1, first + units);
	chunk->used_units += units;
	pool->used_bytes += units * UNIT_BYTES;
	pool->peak_used_bytes = vmb_max(pool->peak_used_bytes, pool->used_bytes);
	memset(buffer, 0, units * UNIT_BYTES);
	return buffer;
}

enum vmbase_error vmbase_sharing_pool_allocate(struct vmbase_sharing_pool *pool, size_t size_bytes,
					       size_t alignment, void **buffer)
{
	struct vmb_sharing_chunk *chunk = pool->chunks;
	size_t first = 0; // in a new chunk
	size_t units;

	if (size_bytes == 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	if (size_bytes > LIMIT_BYTES) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	units = vmb_align_up(size_bytes, UNIT_BYTES) / UNIT_BYTES;
	while (chunk != NULL && !find_room(chunk, units, alignment, &first)) {
		chunk = chunk->next;
	}
	if (chunk == NULL) {
		enum vmbase_error error = grow(pool, units * UNIT_BYTES, alignment, &chunk);

		if (error != VMBASE_OK) {
			return error;
		}
	}
	*buffer = take(pool, chunk, first, units);
	return VMBASE_OK;
}

// Stores the unit at which a buffer begins. Returns false if no buffer begins at the address.
static bool find_buffer(struct vmb_sharing_chunk *chunk, uintptr_t address, size_t *first)
{
	// For an address below the chunk, the subtraction wraps around to a unit beyond the end.
	const size_t offset = address - chunk->begin;
	const size_t unit = offset / UNIT_BYTES;

	if (offset >= chunk->size_bytes || offset % UNIT_BYTES != 0 || !bit_at(used_bits(chunk), unit)) {
		return false;
	}
	*first = unit;
	return unit == 0 || !bit_at(used_bits(chunk), unit - 1) || bit_at(last_bits(chunk), unit - 1);
}

// Returns whether a chunk can go back to the source.
static bool is_spare(const struct vmbase_sharing_pool *pool, const struct vmb_sharing_chunk *chunk)
{
	const size_t share = chunk->shared.end - chunk->shared.begin;

	return pool->granule_bytes != 0 && chunk->used_units == 0 &&
	       (share == 0 || shared_bytes(pool) - share >= pool->minimum_bytes);
}

enum vmbase_error vmbase_sharing_pool_free(struct vmbase_sharing_pool *pool, void *buffer)
{
	struct vmb_sharing_chunk **link = &pool->chunks;
	struct vmb_sharing_chunk *chunk;
	size_t first;
	size_t end;

	while (*link != NULL && !find_buffer(*link, (uintptr_t)buffer, &first)) {
		link = &(*link)->next;
	}
	chunk = *link;
	if (chunk == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	end = find_bit(last_bits(chunk), true, first, chunk->size_bytes / UNIT_BYTES) + 1;
	fill_bits(used_bits(chunk), false, first, end);
	fill_bits(last_bits(chunk), false, end - 1, end);
	chunk->used_units -= end - first;
	pool->used_bytes -= (end - first) * UNIT_BYTES;
	if (is_spare(pool, chunk)) {
		// The buffer is free even if the chunk cannot be given back.
		(void)remove_chunk(pool, link);
	}
	return VMBASE_OK;
}

struct vmbase_sharing_pool_statistics vmbase_sharing_pool_statistics(const struct vmbase_sharing_pool *pool)
{
	return (struct vmbase_sharing_pool_statistics){
		.shared_bytes = shared_bytes(pool),
		.used_bytes = pool->used_bytes,
		.peak_used_bytes = pool->peak_used_bytes,
	};
}

enum vmbase_error vmbase_sharing_pool_destroy(struct vmbase_sharing_pool *pool)
{
	enum vmbase_error first_error = VMBASE_OK;
	struct vmb_sharing_chunk **link = &pool->chunks;

	if (pool->used_bytes != 0) {
		return VMBASE_ERROR_BUSY;
	}
	while (*link != NULL) {
		enum vmbase_error error = remove_chunk(pool, link);

		if (error != VMBASE_OK) {
			first_error = first_error == VMBASE_OK ? error : first_error;
			link = &(*link)->next;
		}
	}
	return first_error;
}
