// SPDX-License-Identifier: Apache-2.0

// A generator for machines whose only entropy is the VMM's seed in the device tree: ChaCha20 with fast key
// erasure. Each block of the key stream contains the next key and the output, so an attacker who reads the key
// later does not learn earlier output.

#include <vmbase/entropy.h>

#include "../arch/interrupts.h"
#include "chacha20.h"
#include "entropy_sources.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(VMBASE_ENTROPY_SEED_BYTES == VMB_CHACHA20_KEY_WORDS * sizeof(uint32_t),
	       "the smallest seed fills the key");
_Static_assert(sizeof(struct vmb_entropy_block) <=
		       (VMB_CHACHA20_BLOCK_WORDS - VMB_CHACHA20_KEY_WORDS) * sizeof(uint32_t),
	       "a block of the key stream has room for the output");

static uint32_t key[VMB_CHACHA20_KEY_WORDS];
static _Atomic bool is_locked;

// More than enough for all other CPUs to finish, each with some thousand instructions.
#define LOCK_ATTEMPTS_MAX 10000000

// Locks the key, because no two readers may use the same key. Masks interrupts, so that no handler needs the
// lock while the interrupted code holds it. Returns false after LOCK_ATTEMPTS_MAX attempts.
static bool lock_key(uint64_t *daif)
{
	*daif = vmb_interrupts_mask();
	for (int attempt = 0; attempt < LOCK_ATTEMPTS_MAX; attempt++) {
		if (!atomic_exchange_explicit(&is_locked, true, memory_order_acquire)) {
			return true;
		}
	}
	vmb_interrupts_restore(*daif);
	return false;
}

static void unlock_key(uint64_t daif)
{
	atomic_store_explicit(&is_locked, false, memory_order_release);
	vmb_interrupts_restore(daif);
}

// Makes the next block. Its first words become the new key and must not be used for output.
static void advance(uint32_t block[VMB_CHACHA20_BLOCK_WORDS])
{
	static const uint32_t tail[VMB_CHACHA20_TAIL_WORDS];

	vmb_chacha20_block(block, key, tail);
	memcpy(key, block, sizeof(key));
}

static void wipe(uint32_t block[VMB_CHACHA20_BLOCK_WORDS])
{
	memset(block, 0, VMB_CHACHA20_BLOCK_WORDS * sizeof(*block));
	__asm__ volatile("" : : "r"(block) : "memory");
}

static enum vmbase_error read_generator(struct vmb_entropy_block *output)
{
	uint32_t block[VMB_CHACHA20_BLOCK_WORDS];
	uint64_t daif;

	if (!lock_key(&daif)) {
		return VMBASE_ERROR_NO_ENTROPY;
	}
	advance(block);
	unlock_key(daif);
	memcpy(output, &block[VMB_CHACHA20_KEY_WORDS], sizeof(*output));
	wipe(block);
	return VMBASE_OK;
}

enum vmbase_error vmbase_entropy_seed(const void *seed, size_t size_bytes)
{
	const unsigned char *next = seed;
	uint32_t block[VMB_CHACHA20_BLOCK_WORDS];
	uint64_t daif;

	if (size_bytes < VMBASE_ENTROPY_SEED_BYTES) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	if (!lock_key(&daif)) {
		return VMBASE_ERROR_BUSY;
	}
	// Mixes the seed into the key part by part. The new key is secret if either the old key or this part of
	// the seed is secret.
	for (size_t left = size_bytes; left > 0;) {
		const size_t part_bytes = left < sizeof(key) ? left : sizeof(key);
		uint32_t part[VMB_CHACHA20_KEY_WORDS] = { 0 };

		memcpy(part, next, part_bytes);
		advance(block);
		for (int i = 0; i < VMB_CHACHA20_KEY_WORDS; i++) {
			key[i] ^= part[i];
		}
		next += part_bytes;
		left -= part_bytes;
	}
	unlock_key(daif);
	wipe(block);
	vmb_entropy_set_last_source(read_generator);
	return VMBASE_OK;
}
