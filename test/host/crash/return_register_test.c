// SPDX-License-Identifier: Apache-2.0

// The register that has a function's return address, found in the function's code.

#include "../../../src/crash/return_register.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOP UINT32_C(0xd503201f)
#define RET UINT32_C(0xd65f03c0)
#define RET_X16 UINT32_C(0xd65f0200)
#define BL UINT32_C(0x94000010)
#define BR_X8 UINT32_C(0xd61f0100)
#define BRK UINT32_C(0xd4200020)
#define SAVE UINT32_C(0xa9bf7bfd)      // stp x29, x30, [sp, #-16]!
#define RESTORE UINT32_C(0xa8c17bfd)   // ldp x29, x30, [sp], #16
#define MAKE_FP UINT32_C(0x910003fd)   // mov x29, sp
#define LR_TO_X9 UINT32_C(0xaa1e03e9)  // mov x9, x30
#define X9_TO_LR UINT32_C(0xaa0903fe)  // mov x30, x9
#define XZR_TO_LR UINT32_C(0xaa1f03fe) // mov x30, xzr
#define RET_XZR UINT32_C(0xd65f03e0)
#define B(words) (UINT32_C(0x14000000) | ((uint32_t)(words)&UINT32_C(0x3ffffff)))
#define CBZ(words) (UINT32_C(0xb4000000) | ((uint32_t)(words)&UINT32_C(0x7ffff)) << 5)

#define FIND(code, index) vmb_return_register(code, sizeof(code) / sizeof((code)[0]), index)

static void return_address_may_be_in_a_frame_record(void **state)
{
	static const uint32_t code[] = { NOP, SAVE, MAKE_FP, NOP, BL, RESTORE, NOP, RET };
	static const int expected[] = { 30, 30, 30, -1, -1, -1, 30, 30 };

	(void)state;
	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
		assert_int_equal(FIND(code, i), expected[i]);
	}
}

static void return_address_may_be_in_another_register(void **state)
{
	static const uint32_t code[] = { LR_TO_X9, NOP, X9_TO_LR, RET };
	static const uint32_t return_by_x16[] = { NOP, RET_X16 };

	(void)state;
	assert_int_equal(FIND(code, 0), 30);
	assert_int_equal(FIND(code, 1), 9);
	assert_int_equal(FIND(code, 3), 30);
	assert_int_equal(FIND(return_by_x16, 0), 16);
}

// vmb_enter_c() starts main's frame records this way.
static void zero_register_holds_no_return_address(void **state)
{
	static const uint32_t code[] = { NOP, XZR_TO_LR, B(0) };
	static const uint32_t return_to_0[] = { NOP, RET_XZR };

	(void)state;
	assert_int_equal(FIND(code, 0), RETURN_REGISTER_NONE);
	assert_int_equal(FIND(return_to_0, 0), RETURN_REGISTER_NONE);
}

static void search_ends_in_a_loop(void **state)
{
	static const uint32_t loop[] = { NOP, CBZ(3), NOP, B(-2), RET };
	static const uint32_t other_function[] = { CBZ(3), NOP, B(-2), RESTORE, RET, SAVE };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(FIND(loop, i), 30);
	}
	assert_int_equal(FIND(other_function, 1), -1);
}

static void search_takes_the_other_path_at_traps_and_jump_tables(void **state)
{
	static const uint32_t trap[] = { CBZ(2), BRK, RESTORE, RET };
	static const uint32_t table[] = { CBZ(2), BR_X8, RESTORE, RET };
	static const uint32_t tail_call[] = { NOP, BR_X8 };

	(void)state;
	assert_int_equal(FIND(trap, 0), -1);
	assert_int_equal(FIND(table, 0), -1);
	assert_int_equal(FIND(tail_call, 0), 30);
}

static void search_ends_in_invalid_code(void **state)
{
	static const uint32_t forever[] = { NOP, B(-1) };
	static const uint32_t itself[] = { B(0) };
	static const uint32_t before[] = { B(-5) };
	static const uint32_t behind[] = { CBZ(100), BRK };
	static const uint32_t on[] = { NOP, NOP };

	(void)state;
	assert_int_equal(FIND(forever, 0), RETURN_REGISTER_NONE);
	assert_int_equal(FIND(itself, 0), RETURN_REGISTER_NONE);
	assert_int_equal(FIND(before, 0), RETURN_REGISTER_NONE);
	assert_int_equal(FIND(behind, 0), RETURN_REGISTER_NONE);
	assert_int_equal(FIND(on, 0), RETURN_REGISTER_NONE);
	assert_int_equal(FIND(on, 2), RETURN_REGISTER_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(return_address_may_be_in_a_frame_record),
		cmocka_unit_test(return_address_may_be_in_another_register),
		cmocka_unit_test(zero_register_holds_no_return_address),
		cmocka_unit_test(search_ends_in_a_loop),
		cmocka_unit_test(search_takes_the_other_path_at_traps_and_jump_tables),
		cmocka_unit_test(search_ends_in_invalid_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
