// SPDX-License-Identifier: Apache-2.0

// Backtraces over valid and invalid frame records.

#include "../../../src/crash/backtrace.h"
#include "../../../src/exception/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define CAPACITY 32
#define RECORD_BYTES 16
#define RECORD_WORDS 2

// A stack is a heap block of exactly its size, so that AddressSanitizer detects a read outside of it.
struct stack {
	uintptr_t *words;
	struct vmbase_range range;
};

// A frame's return address is in its link register, unless the register is 0.
uintptr_t vmb_return_address(const struct vmbase_exception_frame *frame)
{
	return frame->x[30];
}

static struct stack inner;
static struct stack outer;
static uintptr_t addresses[CAPACITY];

static struct stack new_stack(size_t size_bytes)
{
	struct stack stack = { .words = malloc(size_bytes) };

	assert_non_null(stack.words);
	memset(stack.words, 0, size_bytes);
	stack.range.begin = (uintptr_t)stack.words;
	stack.range.end = stack.range.begin + size_bytes;
	return stack;
}

static int begin(void **state)
{
	(void)state;
	inner = new_stack(8 * (size_t)RECORD_BYTES);
	outer = new_stack(8 * (size_t)RECORD_BYTES);
	memset(addresses, 0, sizeof(addresses));
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(inner.words);
	free(outer.words);
	return 0;
}

static uintptr_t record_at(const struct stack *stack, size_t index)
{
	return stack->range.begin + index * RECORD_BYTES;
}

// Writes the index-th record of a stack.
static void put(struct stack *stack, size_t index, uintptr_t next_fp, uintptr_t return_address)
{
	stack->words[RECORD_WORDS * index] = next_fp;
	stack->words[RECORD_WORDS * index + 1] = return_address;
}

static size_t trace(uintptr_t fp, size_t capacity)
{
	const struct vmbase_exception_frame frame = { .x[29] = fp };

	return vmb_backtrace(&frame, inner.range, outer.range, addresses, capacity);
}

static void trace_follows_a_chain(void **state)
{
	(void)state;
	put(&inner, 1, record_at(&inner, 3), 0x101);
	put(&inner, 3, record_at(&inner, 4), 0x102);
	put(&inner, 4, 0, 0x103);
	assert_int_equal(trace(record_at(&inner, 1), CAPACITY), 3);
	assert_int_equal(addresses[0], 0x101);
	assert_int_equal(addresses[1], 0x102);
	assert_int_equal(addresses[2], 0x103);
}

static void trace_crosses_to_the_outer_stack(void **state)
{
	(void)state;
	put(&inner, 6, record_at(&outer, 2), 0x101);
	put(&outer, 2, record_at(&outer, 5), 0x102);
	put(&outer, 5, 0, 0x103);
	assert_int_equal(trace(record_at(&inner, 6), CAPACITY), 3);
	assert_int_equal(addresses[0], 0x101);
	assert_int_equal(addresses[1], 0x102);
	assert_int_equal(addresses[2], 0x103);
}

// The outer stack may be below or above the inner stack; the case above tests one of the two.
static void trace_crosses_when_the_outer_stack_is_lower(void **state)
{
	struct stack swapped = inner;

	inner = outer;
	outer = swapped;
	trace_crosses_to_the_outer_stack(state);
}

static void trace_may_begin_in_the_outer_stack(void **state)
{
	(void)state;
	put(&outer, 0, 0, 0x101);
	assert_int_equal(trace(record_at(&outer, 0), CAPACITY), 1);
	assert_int_equal(addresses[0], 0x101);
}

static void trace_does_not_return_to_the_inner_stack(void **state)
{
	(void)state;
	put(&inner, 1, record_at(&outer, 1), 0x101);
	put(&outer, 1, record_at(&inner, 5), 0x102);
	put(&inner, 5, 0, 0x103);
	assert_int_equal(trace(record_at(&inner, 1), CAPACITY), 2);
}

static void trace_ends_at_a_cycle(void **state)
{
	(void)state;
	put(&inner, 1, record_at(&inner, 3), 0x101);
	put(&inner, 3, record_at(&inner, 1), 0x102);
	assert_int_equal(trace(record_at(&inner, 1), CAPACITY), 2);
}

static void trace_ends_at_a_record_that_points_to_itself(void **state)
{
	(void)state;
	put(&outer, 1, record_at(&outer, 1), 0x101);
	assert_int_equal(trace(record_at(&outer, 1), CAPACITY), 1);
}

static void trace_ends_at_a_record_below_the_current_one(void **state)
{
	(void)state;
	put(&inner, 5, record_at(&inner, 2), 0x101);
	put(&inner, 2, 0, 0x102);
	assert_int_equal(trace(record_at(&inner, 5), CAPACITY), 1);
}

// The next record is only eight bytes higher: its address rises, but it overlaps the current record.
static void trace_ends_at_a_misaligned_record(void **state)
{
	(void)state;
	put(&inner, 1, record_at(&inner, 2) + 8, 0x101);
	put(&inner, 2, 0, 0x102);
	put(&inner, 3, 0, 0x103);
	assert_int_equal(trace(record_at(&inner, 1), CAPACITY), 1);
	assert_int_equal(trace(record_at(&inner, 1) + 1, CAPACITY), 0);
}

static void trace_ends_at_an_address_outside_both_stacks(void **state)
{
	uintptr_t outside[] = { inner.range.begin - RECORD_BYTES,
				inner.range.end,
				outer.range.begin - RECORD_BYTES,
				outer.range.end,
				RECORD_BYTES,
				UINTPTR_MAX - RECORD_BYTES + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		put(&inner, 1, outside[i], 0x101);
		assert_int_equal(trace(record_at(&inner, 1), CAPACITY), 1);
		assert_int_equal(trace(outside[i], CAPACITY), 0);
	}
}

static void trace_does_not_read_a_record_that_is_half_outside(void **state)
{
	(void)state;
	free(inner.words);
	inner = new_stack(RECORD_BYTES + 8);
	put(&inner, 0, record_at(&inner, 1), 0x101);
	assert_int_equal(trace(record_at(&inner, 0), CAPACITY), 1);
}

static void trace_reads_the_last_record_of_a_stack(void **state)
{
	(void)state;
	put(&inner, 7, 0, 0x101);
	assert_int_equal(trace(record_at(&inner, 7), CAPACITY), 1);
}

static void trace_ends_at_a_zero_return_address(void **state)
{
	(void)state;
	put(&inner, 1, record_at(&inner, 2), 0x101);
	put(&inner, 2, record_at(&inner, 3), 0);
	put(&inner, 3, 0, 0x103);
	assert_int_equal(trace(record_at(&inner, 1), CAPACITY), 1);
}

static void zero_frame_pointer_gives_an_empty_trace(void **state)
{
	(void)state;
	assert_int_equal(trace(0, CAPACITY), 0);
}

static void trace_begins_with_the_return_address(void **state)
{
	const struct vmbase_exception_frame frame = { .x[29] = record_at(&inner, 1), .x[30] = 0x100 };

	(void)state;
	put(&inner, 1, 0, 0x101);
	assert_int_equal(vmb_backtrace(&frame, inner.range, outer.range, addresses, CAPACITY), 2);
	assert_int_equal(addresses[0], 0x100);
	assert_int_equal(addresses[1], 0x101);
	assert_int_equal(vmb_backtrace(&frame, inner.range, outer.range, addresses, 1), 1);
	assert_int_equal(vmb_backtrace(&frame, inner.range, outer.range, addresses, 0), 0);
}

// Replaces the inner stack by one that has the frame of interrupted code at its beginning, and returns the
// frame. The interrupted code has a record in the outer stack.
static struct vmb_frame *put_frame(void)
{
	free(inner.words);
	inner = new_stack(sizeof(struct vmb_frame));

	struct vmb_frame *frame = (struct vmb_frame *)inner.words;

	frame->general.x[29] = record_at(&outer, 2);
	frame->general.x[30] = 0x102;
	frame->general.elr = 0x101;
	put(&inner, FRAME_RECORD / RECORD_BYTES, frame->general.x[29], frame->general.elr);
	put(&outer, 2, 0, 0x103);
	return frame;
}

static size_t trace_frame(size_t capacity)
{
	return trace(record_at(&inner, FRAME_RECORD / RECORD_BYTES), capacity);
}

static void trace_has_the_return_address_of_code_that_a_handler_interrupted(void **state)
{
	(void)state;
	(void)put_frame();
	assert_int_equal(trace_frame(CAPACITY), 3);
	assert_int_equal(addresses[0], 0x101);
	assert_int_equal(addresses[1], 0x102);
	assert_int_equal(addresses[2], 0x103);
	assert_int_equal(trace_frame(2), 2);
	assert_int_equal(trace_frame(1), 1);
}

static void trace_reads_the_return_address_from_a_record_if_there_is_one(void **state)
{
	(void)state;
	put_frame()->general.x[30] = 0;
	assert_int_equal(trace_frame(CAPACITY), 2);
	assert_int_equal(addresses[0], 0x101);
	assert_int_equal(addresses[1], 0x103);
}

static void trace_checks_that_a_record_belongs_to_the_frame(void **state)
{
	(void)state;
	put_frame()->general.x[29]++;
	assert_int_equal(trace_frame(CAPACITY), 2);
	put_frame()->general.elr++;
	assert_int_equal(trace_frame(CAPACITY), 2);
	assert_int_equal(addresses[0], 0x101);
	assert_int_equal(addresses[1], 0x103);
}

// AddressSanitizer sees a read before the stack.
static void trace_does_not_read_a_frame_that_is_half_outside(void **state)
{
	(void)state;
	for (size_t before_bytes = 0; before_bytes < FRAME_RECORD; before_bytes += RECORD_BYTES) {
		free(inner.words);
		inner = new_stack(before_bytes + RECORD_BYTES);
		put(&inner, before_bytes / RECORD_BYTES, 0, 0x101);
		assert_int_equal(trace(record_at(&inner, before_bytes / RECORD_BYTES), CAPACITY), 1);
	}
}

static void trace_stops_at_its_capacity(void **state)
{
	(void)state;
	put(&inner, 1, record_at(&inner, 2), 0x101);
	put(&inner, 2, record_at(&inner, 3), 0x102);
	put(&inner, 3, 0, 0x103);
	assert_int_equal(trace(record_at(&inner, 1), 2), 2);
	assert_int_equal(addresses[1], 0x102);
	assert_int_equal(addresses[2], 0);
	assert_int_equal(trace(record_at(&inner, 1), 0), 0);
}

static uint64_t random_state;

// xorshift64: a seed that is printed gives the same stacks again on every host.
static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

// A word of an overwritten stack. Most of them are nearly valid frame pointers.
static uintptr_t random_word(void)
{
	const struct stack *stack = next_random() % 2 == 0 ? &inner : &outer;
	size_t size_bytes = stack->range.end - stack->range.begin;
	uintptr_t inside = stack->range.begin + next_random() % (size_bytes + RECORD_BYTES);

	switch (next_random() % 8) {
	case 0:
		return (uintptr_t)next_random();
	case 1:
		return inside;
	case 2:
		return stack->range.end - next_random() % (2 * RECORD_BYTES);
	case 3:
		return stack->range.begin - next_random() % (2 * RECORD_BYTES);
	case 4:
		return next_random() % 4 == 0 ? 0 : UINTPTR_MAX - next_random() % (2 * RECORD_BYTES);
	default:
		return inside / RECORD_BYTES * RECORD_BYTES;
	}
}

static void fill(struct stack *stack)
{
	for (size_t i = 0; i < (stack->range.end - stack->range.begin) / sizeof(*stack->words); i++) {
		stack->words[i] = random_word();
	}
}

static bool holds_return_address(const struct stack *stack, uintptr_t address)
{
	for (uintptr_t record = stack->range.begin; stack->range.end - record >= RECORD_BYTES;
	     record += RECORD_BYTES) {
		if (stack->words[(record - stack->range.begin) / sizeof(*stack->words) + 1] == address) {
			return true;
		}
	}
	return false;
}

// AddressSanitizer checks the reads. This test checks that each address comes from a record, and that no
// record is used twice.
static void trace_reads_only_records_of_random_stacks(void **state)
{
	const char *given = getenv("VMBASE_TEST_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	size_t traced = 0;

	(void)state;
	print_message("# VMBASE_TEST_SEED=%#llx\n", (unsigned long long)seed);
	random_state = seed | 1; // zero would stay zero
	for (int round = 0; round < 20000; round++) {
		(void)end(NULL);
		// At least one word, and in every other test half a record at the end.
		inner = new_stack(8 * (1 + next_random() % 24));
		outer = new_stack(8 * (1 + next_random() % 24));
		fill(&inner);
		fill(&outer);

		size_t capacity = next_random() % (CAPACITY + 1);
		size_t count = trace(random_word(), capacity);
		size_t records = (inner.range.end - inner.range.begin) / RECORD_BYTES +
				 (outer.range.end - outer.range.begin) / RECORD_BYTES;

		assert_true(count <= capacity);
		assert_true(count <= records);
		for (size_t i = 0; i < count; i++) {
			assert_true(holds_return_address(&inner, addresses[i]) ||
				    holds_return_address(&outer, addresses[i]));
		}
		traced += count;
	}
	// Enough random stacks must be valid to test something.
	assert_true(traced > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trace_follows_a_chain),
		TEST(trace_crosses_to_the_outer_stack),
		TEST(trace_crosses_when_the_outer_stack_is_lower),
		TEST(trace_may_begin_in_the_outer_stack),
		TEST(trace_does_not_return_to_the_inner_stack),
		TEST(trace_ends_at_a_cycle),
		TEST(trace_ends_at_a_record_that_points_to_itself),
		TEST(trace_ends_at_a_record_below_the_current_one),
		TEST(trace_ends_at_a_misaligned_record),
		TEST(trace_ends_at_an_address_outside_both_stacks),
		TEST(trace_does_not_read_a_record_that_is_half_outside),
		TEST(trace_reads_the_last_record_of_a_stack),
		TEST(trace_ends_at_a_zero_return_address),
		TEST(zero_frame_pointer_gives_an_empty_trace),
		TEST(trace_begins_with_the_return_address),
		TEST(trace_has_the_return_address_of_code_that_a_handler_interrupted),
		TEST(trace_reads_the_return_address_from_a_record_if_there_is_one),
		TEST(trace_checks_that_a_record_belongs_to_the_frame),
		TEST(trace_does_not_read_a_frame_that_is_half_outside),
		TEST(trace_stops_at_its_capacity),
		TEST(trace_reads_only_records_of_random_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
