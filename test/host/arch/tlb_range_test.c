// SPDX-License-Identifier: Apache-2.0

// The parts in which a range is invalidated: together they are the range.

#include "../../../src/arch/tlb_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FIRST_PAGE UINT64_C(0x0123456789)

// The pages that an instruction with this operand invalidates: DDI 0487, issue K.a, TLBI RVAE1IS.
static uint64_t pages_of(uint64_t operand)
{
	const unsigned int num = operand >> 39 & 0x1f;
	const unsigned int scale = operand >> 44 & 3;

	return (uint64_t)(num + 1) << (5 * scale + 1);
}

static void check(uint64_t count)
{
	uint64_t page = FIRST_PAGE;

	for (unsigned int scale = 0; scale < TLBI_RANGE_SCALES; scale++) {
		const struct vmb_tlb_part part = vmb_tlb_part(page, count, scale);

		if (part.pages != 0) {
			assert_int_equal(pages_of(part.operand), part.pages);
			assert_int_equal(part.operand & ((UINT64_C(1) << 37) - 1), page);
			// 4 KiB pages, no level hint, ASID 0.
			assert_int_equal(part.operand >> 46, 1);
			assert_int_equal(part.operand >> 37 & 3, 0);
			page += part.pages;
		}
	}
	assert_int_equal(page, FIRST_PAGE + count);
}

static void parts_cover_exactly_the_range(void **state)
{
	(void)state;
	for (uint64_t count = 2; count < 10000; count += 2) {
		check(count);
	}
	for (uint64_t count = 10000; count < TLBI_RANGE_PAGES_END; count += 1234) {
		check(count);
	}
	check(TLBI_RANGE_PAGES_END - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_cover_exactly_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
