// SPDX-License-Identifier: Apache-2.0

// Reads random bytes from the best source of the machine.

#include <vmbase/entropy.h>

#include "entropy_sources.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

// The bytes of a block that callers get: all but the first word.
#define OUTPUT_BYTES (sizeof(struct vmb_entropy_block) - sizeof(uint64_t))

// The first word of the previous block, from any source.
static _Atomic uint64_t last_first_word;

static vmb_entropy_source *_Atomic last_source;

void vmb_entropy_set_last_source(vmb_entropy_source *source)
{
	atomic_store_explicit(&last_source, source, memory_order_release);
}

// Returns whether the block can be random. It must differ from the previous block, and from the registers after
// a call that writes only x0. A good block fails this check once in 2^64 times.
static bool is_plausible(const struct vmb_entropy_block *block)
{
	uint64_t last = atomic_exchange_explicit(&last_first_word, block->words[0], memory_order_relaxed);

	return block->words[0] != last && (block->words[1] | block->words[2]) != 0;
}

enum vmbase_error vmb_entropy_read_block(struct vmb_entropy_block *block)
{
	enum vmbase_error from_trng = vmb_trng_read(block);
	enum vmbase_error from_rndr;
	vmb_entropy_source *source;

	if (from_trng == VMBASE_OK && is_plausible(block)) {
		return VMBASE_OK;
	}
	from_rndr = vmb_rndr_read(block);
	if (from_rndr == VMBASE_OK && is_plausible(block)) {
		return VMBASE_OK;
	}
	source = atomic_load_explicit(&last_source, memory_order_acquire);
	if (source != NULL && source(block) == VMBASE_OK && is_plausible(block)) {
		return VMBASE_OK;
	}
	return source == NULL && from_trng == VMBASE_ERROR_UNSUPPORTED && from_rndr == VMBASE_ERROR_UNSUPPORTED
		       ? VMBASE_ERROR_UNSUPPORTED
		       : VMBASE_ERROR_NO_ENTROPY;
}

enum vmbase_error vmbase_entropy_fill(void *buffer, size_t size_bytes)
{
	enum vmbase_error error = VMBASE_OK;
	unsigned char *next = buffer;
	struct vmb_entropy_block block;

	for (size_t left = size_bytes; left > 0;) {
		size_t part = left < OUTPUT_BYTES ? left : OUTPUT_BYTES;

		error = vmb_entropy_read_block(&block);
		if (error != VMBASE_OK) {
			memset(buffer, 0, size_bytes);
			break;
		}
		memcpy(next, &block.words[1], part);
		next += part;
		left -= part;
	}
	vmb_entropy_wipe(&block);
	return error;
}
