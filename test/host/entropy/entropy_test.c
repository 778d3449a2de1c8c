// SPDX-License-Identifier: Apache-2.0

// The order of the sources of entropy, and their failures.

#include <vmbase/entropy.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

// Included, because its state has to be reset between cases.
#include "../../../src/entropy/trng.c"
#include "../support/fake_smccc.h"

#define NOT_SUPPORTED UINT64_MAX
#define VERSION(x0)                                                                                            \
	{                                                                                                      \
		TRNG_VERSION, 0,                                                                               \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}
#define RND64(...)                                                                                             \
	{                                                                                                      \
		TRNG_RND64, 192,                                                                               \
		{                                                                                              \
			__VA_ARGS__                                                                            \
		}                                                                                              \
	}
#define NO_ENTROPY RND64((uint64_t)TRNG_NO_ENTROPY)

// The CPU's generator: the number of its next reads that fail before it gives blocks that count up.
// RNDR_ABSENT: the CPU has no generator.
static int rndr_failures;
static uint64_t rndr_blocks;
#define RNDR_ABSENT (-1)

enum vmbase_error vmb_rndr_read(struct vmb_entropy_block *block)
{
	if (rndr_failures == RNDR_ABSENT) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	if (rndr_failures > 0) {
		rndr_failures--;
		return VMBASE_ERROR_NO_ENTROPY;
	}
	rndr_blocks++;
	*block = (struct vmb_entropy_block){ { 0xcc00 + rndr_blocks, 0xcc10 + rndr_blocks,
					       0xcc20 + rndr_blocks } };
	return VMBASE_OK;
}

static int forget(void **state)
{
	(void)state;
	presence = UNKNOWN;
	rndr_failures = RNDR_ABSENT;
	return 0;
}

static void a_trng_is_asked_before_the_cpu(void **state)
{
	uint64_t words[2];

	(void)state;
	rndr_failures = 0;
	fake_smccc_expect(VERSION(0x10000), RND64(0, 0xa1, 0xa2, 0xa3));
	assert_int_equal(vmbase_entropy_fill(words, sizeof(words)), VMBASE_OK);
	assert_int_equal(words[0], 0xa2);
	assert_int_equal(words[1], 0xa3);
	fake_smccc_check();
}

static void a_later_minor_version_is_used(void **state)
{
	uint64_t word;

	(void)state;
	fake_smccc_expect(VERSION(0x10005), RND64(0, 0xb1, 0xb2, 0xb3));
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_OK);
	fake_smccc_check();
}

static void any_size_is_filled_exactly(void **state)
{
	static unsigned char bytes[72];

	(void)state;
	presence = PRESENT;
	for (size_t size = 0; size <= 64; size++) {
		struct fake_answer answers[4] = { 0 };
		size_t calls = (size + 15) / 16;

		for (size_t i = 0; i < calls; i++) {
			uint64_t different = size * 4 + i;

			answers[i] = (struct fake_answer)RND64(0, 0xd0000 + different, 0x5555555555555555,
							       0x5555555555555555);
		}
		fake_smccc_expect_list(answers, calls);
		memset(bytes, 0xee, sizeof(bytes));
		assert_int_equal(vmbase_entropy_fill(bytes + 1, size), VMBASE_OK);
		assert_int_equal(bytes[0], 0xee);
		for (size_t i = 1; i <= size; i++) {
			assert_int_equal(bytes[i], 0x55);
		}
		assert_int_equal(bytes[size + 1], 0xee);
		fake_smccc_check();
	}
}

static void no_byte_is_returned_twice(void **state)
{
	uint64_t a, b;

	(void)state;
	presence = PRESENT;
	fake_smccc_expect(RND64(0, 1, 2, 3), RND64(0, 4, 5, 6));
	assert_int_equal(vmbase_entropy_fill(&a, sizeof(a)), VMBASE_OK);
	assert_int_equal(vmbase_entropy_fill(&b, sizeof(b)), VMBASE_OK);
	assert_int_equal(a, 2);
	assert_int_equal(b, 5);
	fake_smccc_check();
}

static void fill_waits_while_the_trng_has_no_entropy(void **state)
{
	struct fake_answer answers[VMBASE_ENTROPY_ATTEMPTS];
	uint64_t word;

	(void)state;
	presence = PRESENT;
	for (int i = 0; i < VMBASE_ENTROPY_ATTEMPTS; i++) {
		answers[i] = (struct fake_answer)NO_ENTROPY;
	}
	answers[VMBASE_ENTROPY_ATTEMPTS - 1] = (struct fake_answer)RND64(0, 0x71, 0x72, 0x73);
	fake_smccc_expect_list(answers, VMBASE_ENTROPY_ATTEMPTS);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_OK);
	assert_int_equal(word, 0x72);
	fake_smccc_check();
}

static void the_cpu_is_asked_after_a_trng_without_entropy(void **state)
{
	struct fake_answer answers[VMBASE_ENTROPY_ATTEMPTS];
	uint64_t word = 77;

	(void)state;
	presence = PRESENT;
	for (int i = 0; i < VMBASE_ENTROPY_ATTEMPTS; i++) {
		answers[i] = (struct fake_answer)NO_ENTROPY;
	}
	fake_smccc_expect_list(answers, VMBASE_ENTROPY_ATTEMPTS);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	assert_int_equal(word, 0);
	fake_smccc_check();

	rndr_failures = 0;
	fake_smccc_expect_list(answers, VMBASE_ENTROPY_ATTEMPTS);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_OK);
	assert_int_equal(word, 0xcc10 + rndr_blocks);
	fake_smccc_check();
}

static void a_trng_that_fails_is_not_asked_again(void **state)
{
	uint64_t word = 77;

	(void)state;
	presence = PRESENT;
	fake_smccc_expect(RND64((uint64_t)-2));
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	assert_int_equal(word, 0);
	fake_smccc_check();
	// An invalid status is not a success either.
	fake_smccc_expect(RND64(1, 2, 3, 4));
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	fake_smccc_check();
}

static void without_a_trng_the_cpu_is_asked(void **state)
{
	uint64_t words[3];

	(void)state;
	rndr_failures = 0;
	fake_smccc_expect(VERSION(NOT_SUPPORTED));
	assert_int_equal(vmbase_entropy_fill(words, sizeof(words)), VMBASE_OK);
	assert_int_equal(words[0], 0xcc10 + rndr_blocks - 1);
	assert_int_equal(words[1], 0xcc20 + rndr_blocks - 1);
	assert_int_equal(words[2], 0xcc10 + rndr_blocks);
	// The answer is remembered.
	assert_int_equal(vmbase_entropy_fill(words, sizeof(words)), VMBASE_OK);
	fake_smccc_check();
}

static void another_major_version_is_not_used(void **state)
{
	static const uint64_t versions[] = { 0, 0xffff, 0x20000, 0x80010000, NOT_SUPPORTED };
	uint64_t word = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		presence = UNKNOWN;
		fake_smccc_expect(VERSION(versions[i]));
		assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_UNSUPPORTED);
		assert_int_equal(word, 0);
		fake_smccc_check();
	}
}

static void success_without_new_register_values_is_a_failure(void **state)
{
	uint64_t word = 77;

	(void)state;
	fake_smccc_expect(VERSION(0x10000), RND64(0, 192, 0, 0));
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	assert_int_equal(word, 0);
	fake_smccc_check();
}

static void trng_that_repeats_a_block_has_failed(void **state)
{
	unsigned char bytes[32], word[8];

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	presence = PRESENT;
	fake_smccc_expect(RND64(0, 0x91, 0x92, 0x93), RND64(0, 0x91, 0x92, 0x93));
	assert_int_equal(vmbase_entropy_fill(bytes, sizeof(bytes)), VMBASE_ERROR_NO_ENTROPY);
	// The bytes of the first block are cleared too.
	for (size_t i = 0; i < sizeof(bytes); i++) {
		assert_int_equal(bytes[i], 0);
	}
	fake_smccc_check();
	// A block that repeats the last block of the previous call is also a failure.
	fake_smccc_expect(RND64(0, 0x91, 0x92, 0x93));
	assert_int_equal(vmbase_entropy_fill(word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	fake_smccc_check();
}

static void cpu_that_repeats_a_block_has_failed(void **state)
{
	uint64_t word = 77;

	(void)state;
	presence = ABSENT;
	rndr_failures = 0;
	fake_smccc_expect_list(NULL, 0);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_OK);
	rndr_blocks--;
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	assert_int_equal(word, 0);
}

static void cpu_without_entropy_is_an_error(void **state)
{
	uint64_t word = 77;

	(void)state;
	presence = ABSENT;
	rndr_failures = 1;
	fake_smccc_expect_list(NULL, 0);
	assert_int_equal(vmbase_entropy_fill(&word, sizeof(word)), VMBASE_ERROR_NO_ENTROPY);
	assert_int_equal(word, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_trng_is_asked_before_the_cpu, forget),
		cmocka_unit_test_setup(a_later_minor_version_is_used, forget),
		cmocka_unit_test_setup(any_size_is_filled_exactly, forget),
		cmocka_unit_test_setup(no_byte_is_returned_twice, forget),
		cmocka_unit_test_setup(fill_waits_while_the_trng_has_no_entropy, forget),
		cmocka_unit_test_setup(the_cpu_is_asked_after_a_trng_without_entropy, forget),
		cmocka_unit_test_setup(a_trng_that_fails_is_not_asked_again, forget),
		cmocka_unit_test_setup(without_a_trng_the_cpu_is_asked, forget),
		cmocka_unit_test_setup(another_major_version_is_not_used, forget),
		cmocka_unit_test_setup(success_without_new_register_values_is_a_failure, forget),
		cmocka_unit_test_setup(trng_that_repeats_a_block_has_failed, forget),
		cmocka_unit_test_setup(cpu_that_repeats_a_block_has_failed, forget),
		cmocka_unit_test_setup(cpu_without_entropy_is_an_error, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
