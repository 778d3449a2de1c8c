// SPDX-License-Identifier: Apache-2.0

#include "trng.h"

#include "end.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define TRNG_VERSION 0x84000050
#define TRNG_FEATURES 0x84000051
#define TRNG_GET_UUID 0x84000052
#define TRNG_RND32 0x84000053
#define TRNG_RND64 0xc4000053

#define TRNG_INVALID_PARAMETERS INT64_C(-2)
#define TRNG_NO_ENTROPY INT64_C(-3)

enum {
	WORDS = 3, // of entropy: in x1 to x3, the last the lowest
	WORD_BITS = 64,
	HALF_BITS = 32,
};

// A set of bits that a guest may take for random, once.
#define STUCK_WORD UINT64_C(0x0123456789abcdef)

// The UUID that KVM's TRNG has, as the four registers have it.
static const uint32_t uuid[HYPERCALL_RESULTS] = { 0x00e0210d, 0xeb118443, 0x44527080, 0x4c5a4e55 };

static struct trng_options trng;

void trng_init(const struct options *options)
{
	trng = options->trng;
}

static bool is_function(uint32_t id)
{
	return (id >= TRNG_VERSION && id <= TRNG_RND32) || id == TRNG_RND64;
}

// Fills the lowest `bits` bits of words[WORDS - 1], and on towards words[0], `width` bits in each.
static void generate(uint64_t *words, uint64_t bits, unsigned int width)
{
	for (size_t i = WORDS; i-- > 0 && bits > 0;) {
		unsigned int used = bits < width ? (unsigned int)bits : width;

		if (trng.mode == TRNG_STUCK) {
			words[i] = STUCK_WORD;
		} else if (trng.mode != TRNG_ZERO &&
			   getrandom(&words[i], sizeof(words[i]), 0) != (ssize_t)sizeof(words[i])) {
			end(END_FAILED, "getrandom: %s", strerror(errno));
		}
		words[i] &= UINT64_MAX >> (WORD_BITS - used);
		bits -= used;
	}
}

static int64_t rnd(struct hypercall *call, unsigned int width)
{
	uint64_t bits = call->arguments[0];

	if (trng.mode == TRNG_FAIL || bits == 0 || bits > (uint64_t)WORDS * width) {
		return TRNG_INVALID_PARAMETERS;
	}
	if (trng.empty > 0) {
		trng.empty--;
		return TRNG_NO_ENTROPY;
	}
	generate(&call->results[1], bits, width);
	return SMCCC_SUCCESS;
}

bool trng_answer(struct hypercall *call)
{
	if (trng.mode == TRNG_NONE) {
		return false;
	}
	switch (call->id) {
	case TRNG_VERSION:
		call->results[0] = trng.version;
		return true;
	case TRNG_FEATURES:
		call->results[0] = (uint64_t)(is_function((uint32_t)call->arguments[0]) ? SMCCC_SUCCESS
											: SMCCC_NOT_SUPPORTED);
		return true;
	case TRNG_GET_UUID:
		for (size_t i = 0; i < HYPERCALL_RESULTS; i++) {
			call->results[i] = uuid[i];
		}
		return true;
	case TRNG_RND32:
		call->results[0] = (uint64_t)rnd(call, HALF_BITS);
		return true;
	case TRNG_RND64:
		call->results[0] = (uint64_t)rnd(call, WORD_BITS);
		return true;
	default:
		return false;
	}
}
