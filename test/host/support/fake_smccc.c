// SPDX-License-Identifier: Apache-2.0

// A hypervisor that answers SMCCC calls as a test says: the implementation.

#include "fake_smccc.h"

#include <vmbase/smccc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ANSWERS_MAX 512

static struct fake_answer answers[ANSWERS_MAX];
static size_t answer_count;
static size_t next_answer;

void fake_smccc_expect_list(const struct fake_answer *list, size_t count)
{
	assert_in_range(count, 0, ANSWERS_MAX);
	for (size_t i = 0; i < count; i++) {
		answers[i] = list[i];
	}
	answer_count = count;
	next_answer = 0;
}

void fake_smccc_check(void)
{
	assert_int_equal(next_answer, answer_count);
}

struct vmbase_smccc_result vmbase_smccc_call(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	struct vmbase_smccc_result result;

	(void)arg2, (void)arg3;
	assert_in_range(next_answer + 1, 1, answer_count);
	assert_int_equal(function_id, answers[next_answer].function_id);
	assert_int_equal(arg1, answers[next_answer].arg1);
	memcpy(result.x, answers[next_answer].x, sizeof(result.x));
	next_answer++;
	return result;
}
