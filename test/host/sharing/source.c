// SPDX-License-Identifier: Apache-2.0

// A source of memory for pools: the implementation.

#include "source.h"

#include "fake_hypervisor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CAPACITY 4096
#define LEAST_GRANULE 4096

struct block {
	unsigned char *memory;
	size_t size_bytes;
	bool is_chunk;
};

static struct block blocks[CAPACITY];
static size_t block_count;

size_t source_allocations_left;
size_t source_limit_bytes;
size_t source_misalignment;

void source_reset(void)
{
	source_allocations_left = SIZE_MAX;
	source_limit_bytes = 1 << 24;
	source_misalignment = 0;
	assert_int_equal(block_count, 0);
}

size_t source_block_count(void)
{
	return block_count;
}

size_t source_chunk_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < block_count; i++) {
		count += blocks[i].is_chunk ? 1 : 0;
	}
	return count;
}

bool source_chunk_contains(uintptr_t begin, size_t size_bytes)
{
	for (size_t i = 0; i < block_count; i++) {
		uintptr_t memory = (uintptr_t)blocks[i].memory;

		if (blocks[i].is_chunk && begin >= memory && begin - memory < blocks[i].size_bytes &&
		    blocks[i].size_bytes - (begin - memory) >= size_bytes) {
			return true;
		}
	}
	return false;
}

static void *allocate(size_t alignment, size_t size_bytes, void *context)
{
	bool is_chunk = alignment >= LEAST_GRANULE;
	size_t misalignment = is_chunk ? source_misalignment : 0;
	unsigned char *memory;

	assert_ptr_equal(context, blocks);
	// aligned_alloc() requires this.
	assert_true(alignment != 0 && (alignment & (alignment - 1)) == 0);
	assert_int_equal(size_bytes % alignment, 0);
	if (source_allocations_left == 0 || size_bytes > source_limit_bytes || alignment > source_limit_bytes) {
		return NULL;
	}
	source_allocations_left--;
	memory = aligned_alloc(alignment, size_bytes + (misalignment != 0 ? alignment : 0));
	assert_non_null(memory);
	assert_true(block_count < CAPACITY);
	blocks[block_count++] = (struct block){ memory + misalignment, size_bytes, is_chunk };
	memset(memory + misalignment, SECRET, size_bytes);
	return memory + misalignment;
}

static void release(void *memory, void *context)
{
	size_t index = 0;
	struct block block;

	assert_ptr_equal(context, blocks);
	while (index < block_count && blocks[index].memory != memory) {
		index++;
	}
	assert_true(index < block_count);
	block = blocks[index];
	blocks[index] = blocks[--block_count];
	for (size_t i = 0; i < fake_hypervisor_shared_count(); i++) {
		uint64_t granule = fake_hypervisor_shared_address(i);

		assert_false(granule < (uintptr_t)memory + block.size_bytes &&
			     (uintptr_t)memory < granule + fake_hypervisor.granule_bytes);
	}
	for (size_t i = 0; block.is_chunk && i < block.size_bytes; i++) {
		assert_int_equal(block.memory[i], 0);
	}
	free(block.memory - (block.is_chunk ? source_misalignment : 0));
}

const struct vmbase_sharing_source source = { .allocate = allocate, .free = release, .context = blocks };
