// SPDX-License-Identifier: Apache-2.0

// A hypervisor for host tests: answers vmbase_smccc_call() from a list, in order, and checks the arguments.

#ifndef FAKE_SMCCC_H
#define FAKE_SMCCC_H

#include <stddef.h>
#include <stdint.h>

struct fake_answer {
	uint32_t function_id;
	uint64_t arg1;
	uint64_t x[4];
};

// Sets the list of expected calls and their answers.
#define fake_smccc_expect(...)                                                                                 \
	fake_smccc_expect_list((const struct fake_answer[]){ __VA_ARGS__ },                                    \
			       sizeof((const struct fake_answer[]){ __VA_ARGS__ }) /                           \
				       sizeof(struct fake_answer))
void fake_smccc_expect_list(const struct fake_answer *answers, size_t count);

// Fails the test unless all expected calls were made.
void fake_smccc_check(void);

#endif
