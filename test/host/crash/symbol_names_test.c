// SPDX-License-Identifier: Apache-2.0

// The table of function names that vmbase-ld adds to an image.

#include "../../../src/crash/symbol_names.h"
#include "../support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LAST(character) ((character) | 0x80)

// "start" at 0x0, "stop" at 0x8, "x" at 0x208. "stop" shares two characters with "start"; "x" begins 128
// instructions after "stop".
static const uint8_t three[] = { 0x00, 0,   's',       't',  'a',  'r', LAST('t'), 0x02,
				 2,    'o', LAST('p'), 0x80, 0x01, 0,   LAST('x') };

static struct vmb_symbol symbol;

// A heap block of exactly its size, so that AddressSanitizer detects a read outside of it.
static bool find(const uint8_t *table, size_t size_bytes, uint64_t offset)
{
	uint8_t *copy = malloc(size_bytes + 1);

	assert_non_null(copy);
	uint8_t *begin = copy + 1;

	memcpy(begin, table, size_bytes);
	bool found = vmb_symbol_find(begin, begin + size_bytes, offset, &symbol);

	free(copy);
	return found;
}

static void check(uint64_t offset, const char *name, uint64_t begin)
{
	assert_true(find(three, sizeof(three), offset));
	assert_string_equal(symbol.name, name);
	assert_int_equal(symbol.begin, begin);
}

static void function_is_found_from_its_first_instruction_to_the_next_function(void **state)
{
	(void)state;
	check(0x0, "start", 0x0);
	check(0x7, "start", 0x0);
	check(0x8, "stop", 0x8);
	check(0x207, "stop", 0x8);
	check(0x208, "x", 0x208);
}

static void last_function_has_no_end(void **state)
{
	(void)state;
	check(UINT64_MAX, "x", 0x208);
}

static void nothing_is_found_before_the_first_function(void **state)
{
	static const uint8_t one[] = { 0x02, 0, LAST('f') };

	(void)state;
	assert_false(find(one, sizeof(one), 7));
	assert_true(find(one, sizeof(one), 8));
}

static void nothing_is_found_in_an_empty_table(void **state)
{
	(void)state;
	assert_false(find(three, 0, 0));
}

static void longest_name_fits(void **state)
{
	uint8_t table[2 + SYMBOL_NAME_BYTES];

	(void)state;
	memset(table, 'n', sizeof(table));
	table[0] = 0;
	table[1] = 0;
	table[2 + SYMBOL_NAME_BYTES - 2] = LAST('n');
	assert_true(find(table, sizeof(table) - 1, 0));
	assert_int_equal(strlen(symbol.name), SYMBOL_NAME_BYTES - 1);

	table[2 + SYMBOL_NAME_BYTES - 2] = 'n';
	table[2 + SYMBOL_NAME_BYTES - 1] = LAST('n');
	assert_false(find(table, sizeof(table), 0));
}

static void a_truncated_table_is_refused(void **state)
{
	(void)state;
	// A table that is cut after a whole function is valid and has fewer functions.
	for (size_t size_bytes = 1; size_bytes < sizeof(three); size_bytes++) {
		assert_int_equal(find(three, size_bytes, UINT64_MAX), size_bytes == 7 || size_bytes == 11);
	}
}

static void a_name_cannot_share_more_than_the_length_of_the_previous_name(void **state)
{
	static const uint8_t first[] = { 0x00, 1, LAST('f') };
	static const uint8_t second[] = { 0x00, 0, LAST('f'), 0x00, 2, LAST('g') };

	(void)state;
	assert_false(find(first, sizeof(first), 0));
	assert_false(find(second, sizeof(second), 0));
}

static void a_number_without_an_end_is_refused(void **state)
{
	static const uint8_t endless[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
					   0x80, 0x80, 0x80, 0x80, 0x80, 0xff };

	(void)state;
	assert_false(find(endless, sizeof(endless), UINT64_MAX));
}

// AddressSanitizer checks the accesses.
static void any_bytes_are_read_without_harm(void **state)
{
	uint8_t table[64];
	size_t found = 0;

	(void)state;
	random_begin();
	for (int round = 0; round < 20000; round++) {
		size_t size_bytes = random_below(sizeof(table));

		for (size_t i = 0; i < size_bytes; i++) {
			// Most bytes have a meaning: small numbers, and the last characters of names.
			size_t kind = random_below(4);

			table[i] = (uint8_t)(kind == 0   ? random_below(256)
					     : kind == 1 ? LAST('f')
							 : random_below(3));
		}
		if (find(table, size_bytes, random_below(2) == 0 ? UINT64_MAX : random_below(64))) {
			assert_true(strlen(symbol.name) < SYMBOL_NAME_BYTES);
			found++;
		}
	}
	// Enough tables must be valid to test something.
	assert_true(found > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_is_found_from_its_first_instruction_to_the_next_function),
		cmocka_unit_test(last_function_has_no_end),
		cmocka_unit_test(nothing_is_found_before_the_first_function),
		cmocka_unit_test(nothing_is_found_in_an_empty_table),
		cmocka_unit_test(longest_name_fits),
		cmocka_unit_test(a_truncated_table_is_refused),
		cmocka_unit_test(a_name_cannot_share_more_than_the_length_of_the_previous_name),
		cmocka_unit_test(a_number_without_an_end_is_refused),
		cmocka_unit_test(any_bytes_are_read_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
