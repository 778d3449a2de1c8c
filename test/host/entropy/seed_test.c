// SPDX-License-Identifier: Apache-2.0

// The random generator that uses a seed.

#include <vmbase/entropy.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

// Included, because its state has to be reset between cases.
#include "../../../src/entropy/entropy.c"
#include "../../../src/entropy/seed.c"

static enum vmbase_error trng;
static enum vmbase_error rndr;
static int masked;
static int masked_times;

enum vmbase_error vmb_trng_read(struct vmb_entropy_block *block)
{
	static uint64_t word = 0x1000;

	word++;
	*block = (struct vmb_entropy_block){ { word, word, word } };
	return trng;
}

enum vmbase_error vmb_rndr_read(struct vmb_entropy_block *block)
{
	static uint64_t word = 0x2000;

	word++;
	*block = (struct vmb_entropy_block){ { word, word, word } };
	return rndr;
}

uint64_t vmb_interrupts_mask(void)
{
	masked++;
	masked_times++;
	return 0xabc;
}

void vmb_interrupts_restore(uint64_t daif)
{
	assert_int_equal(daif, 0xabc);
	masked--;
}

static int forget(void **state)
{
	(void)state;
	trng = VMBASE_ERROR_UNSUPPORTED;
	rndr = VMBASE_ERROR_UNSUPPORTED;
	last_source = NULL;
	memset(key, 0, sizeof(key));
	is_locked = false;
	masked = 0;
	masked_times = 0;
	return 0;
}

// RFC 8439, 2.3.2 and A.1 (test vectors 1, 2 and 5): the bytes of the key, and the words of counter and
// nonce.
static void block_function_matches_rfc_8439(void **state)
{
	static const uint32_t expected[][VMB_CHACHA20_BLOCK_WORDS] = {
		{ 0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033, 0x9aaa2204,
		  0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9, 0xd19c12b5, 0xb94e16de,
		  0xe883d0cb, 0x4e3c50a2 },
		{ 0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653, 0xb819d2bd, 0x1aed8da0, 0xccef36a8,
		  0xc70d778b, 0x7c5941da, 0x8d485751, 0x3fe02477, 0x374ad8b8, 0xf4b8436a, 0x1ca11815,
		  0x69b687c3, 0x8665eeb2 },
		{ 0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73, 0xa0290fcb, 0x6965e348, 0x3e53c612,
		  0xed7aee32, 0x7621b729, 0x434ee69c, 0xb03371d5, 0xd539d874, 0x281fed31, 0x45fb0a51,
		  0x1f0ae1ac, 0x6f4d794b },
	};
	static const uint32_t tails[][VMB_CHACHA20_TAIL_WORDS] = {
		{ 1, 0x09000000, 0x4a000000, 0 },
		{ 0, 0, 0, 0 },
		{ 1, 0, 0, 0 },
	};
	uint32_t counting[VMB_CHACHA20_KEY_WORDS];
	static const uint32_t zero[VMB_CHACHA20_KEY_WORDS];
	uint32_t block[VMB_CHACHA20_BLOCK_WORDS];

	(void)state;
	for (uint32_t i = 0; i < VMB_CHACHA20_KEY_WORDS; i++) {
		counting[i] = UINT32_C(0x03020100) + i * UINT32_C(0x04040404);
	}
	for (size_t i = 0; i < 3; i++) {
		vmb_chacha20_block(block, i == 0 ? counting : zero, tails[i]);
		assert_memory_equal(block, expected[i], sizeof(block));
	}
}

static void generator_needs_a_seed(void **state)
{
	uint64_t word = 77;

	(void)state;
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_entropy_seed("0123456789012345678901234567890", 31),
			 VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(word, 0);
}

static void a_seed_is_used_without_another_source(void **state)
{
	static const unsigned char seed[32] = { 1 };
	uint64_t words[4];

	(void)state;
	assert_int_equal(vmbase_entropy_seed(seed, sizeof(seed)), VMBASE_OK);
	trng = VMBASE_OK;
	assert_int_equal(vmbase_entropy_fill(words, sizeof(words)), VMBASE_OK);
	assert_true(words[0] > 0x1000 && words[0] < 0x2000);
	trng = VMBASE_ERROR_NO_ENTROPY;
	rndr = VMBASE_OK;
	assert_int_equal(vmbase_entropy_fill(words, sizeof(words)), VMBASE_OK);
	assert_true(words[0] > 0x2000 && words[0] < 0x3000);
	rndr = VMBASE_ERROR_NO_ENTROPY;
	assert_int_equal(vmbase_entropy_fill(words, sizeof(words)), VMBASE_OK);
	assert_true(words[0] > 0x3000);
	assert_int_not_equal(words[0], words[1]);
	assert_int_not_equal(words[0], words[2]);
}

// In each block of the key stream, the first words are the next key and the others are the output.
static void each_block_comes_from_the_next_key(void **state)
{
	static const uint32_t tail[VMB_CHACHA20_TAIL_WORDS];
	unsigned char seed[80];
	uint32_t expected[VMB_CHACHA20_KEY_WORDS] = { 0 };
	uint32_t stream[VMB_CHACHA20_BLOCK_WORDS];
	unsigned char bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof(seed); i++) {
		seed[i] = (unsigned char)(i * 7 + 1);
	}
	assert_int_equal(vmbase_entropy_seed(seed, sizeof(seed)), VMBASE_OK);
	for (size_t part = 0; part < 3; part++) {
		uint32_t words[VMB_CHACHA20_KEY_WORDS] = { 0 };

		memcpy(words, seed + 32 * part, part == 2 ? 16 : 32);
		vmb_chacha20_block(stream, expected, tail);
		for (size_t i = 0; i < VMB_CHACHA20_KEY_WORDS; i++) {
			expected[i] = stream[i] ^ words[i];
		}
	}
	for (int i = 0; i < 10; i++) {
		assert_memory_equal(key, expected, sizeof(key));
		assert_int_equal(vmbase_entropy_fill(bytes, sizeof(bytes)), VMBASE_OK);
		vmb_chacha20_block(stream, expected, tail);
		memcpy(expected, stream, sizeof(expected));
		// The first word of a block is only compared, not returned.
		assert_memory_equal(bytes, &stream[VMB_CHACHA20_KEY_WORDS + 2], sizeof(bytes));
	}
}

static void every_byte_of_a_seed_changes_the_output(void **state)
{
	unsigned char seed[70] = { 0 };
	uint64_t seen[sizeof(seed) + 1];

	(void)state;
	for (size_t i = 0; i <= sizeof(seed); i++) {
		forget(NULL);
		memset(seed, 0, sizeof(seed));
		if (i < sizeof(seed)) {
			seed[i] = 1;
		}
		assert_int_equal(vmbase_entropy_seed(seed, sizeof(seed)), VMBASE_OK);
		assert_int_equal(vmbase_entropy_fill(&seen[i], sizeof(seen[i])), VMBASE_OK);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(seen[i], seen[j]);
		}
	}
}

static void a_further_seed_does_not_replace_the_first(void **state)
{
	static const unsigned char first[][32] = { { 1 }, { 2 } };
	static const unsigned char second[32] = { 3 };
	uint64_t words[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		forget(NULL);
		assert_int_equal(vmbase_entropy_seed(first[i], 32), VMBASE_OK);
		assert_int_equal(vmbase_entropy_seed(second, 32), VMBASE_OK);
		assert_int_equal(vmbase_entropy_fill(&words[i], sizeof(words[i])), VMBASE_OK);
	}
	assert_int_not_equal(words[0], words[1]);
}

static void the_generator_serves_one_reader_at_a_time(void **state)
{
	static const unsigned char seed[32] = { 1 };
	uint64_t word = 77;

	(void)state;
	assert_int_equal(vmbase_entropy_seed(seed, sizeof(seed)), VMBASE_OK);
	assert_int_equal(masked_times, 1);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_OK);
	assert_int_equal(masked_times, 2);
	assert_int_equal(masked, 0);
	// Another CPU has stopped inside the generator.
	is_locked = true;
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	assert_int_equal(word, 0);
	assert_int_equal(vmbase_entropy_seed(seed, sizeof(seed)), VMBASE_ERROR_BUSY);
	assert_int_equal(masked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(block_function_matches_rfc_8439, forget),
		cmocka_unit_test_setup(generator_needs_a_seed, forget),
		cmocka_unit_test_setup(a_seed_is_used_without_another_source, forget),
		cmocka_unit_test_setup(each_block_comes_from_the_next_key, forget),
		cmocka_unit_test_setup(every_byte_of_a_seed_changes_the_output, forget),
		cmocka_unit_test_setup(a_further_seed_does_not_replace_the_first, forget),
		cmocka_unit_test_setup(the_generator_serves_one_reader_at_a_time, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
