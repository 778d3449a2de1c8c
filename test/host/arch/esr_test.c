// SPDX-License-Identifier: Apache-2.0

// Names of exception classes and fault statuses, and facts that ESR_EL1 tells.

#include "../../../src/arch/esr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EC_COUNT 64
#define FSC_COUNT 64

#define IL UINT64_C(0x2000000)
#define WNR UINT64_C(0x40)
#define FNV UINT64_C(0x400)

#define EXTERNAL_ABORT 0x10
#define TRANSLATION_LEVEL_3 0x07

static const unsigned int abort_classes[] = { 0x20, 0x21, 0x24, 0x25 };
#define ABORT_CLASS_COUNT (sizeof(abort_classes) / sizeof(abort_classes[0]))

// Bit 25, IL, is set as the CPU sets it for a 32-bit instruction.
static struct vmb_esr decode(unsigned int ec, uint64_t iss)
{
	return vmb_esr_decode(((uint64_t)ec << 26) | IL | iss);
}

static bool is_abort_class(unsigned int ec)
{
	for (size_t i = 0; i < ABORT_CLASS_COUNT; i++) {
		if (abort_classes[i] == ec) {
			return true;
		}
	}
	return false;
}

// The exception classes that EL1 can see, with their names in a crash report. DDI 0487, issue K.a, ESR_EL1,
// table of the values of EC.
static void classes_have_their_names(void **state)
{
	static const struct {
		unsigned int ec;
		const char *name;
	} classes[] = {
		{ 0x00, "unknown reason, such as an undefined instruction" },
		{ 0x01, "trapped WFI or WFE" },
		{ 0x07, "trapped FP, SIMD, SVE or SME access" },
		{ 0x0a, "trapped instruction" },
		{ 0x0d, "branch target exception" },
		{ 0x0e, "illegal execution state" },
		{ 0x11, "SVC from AArch32 state" },
		{ 0x14, "trapped 128-bit system register access" },
		{ 0x15, "SVC" },
		{ 0x18, "trapped system register access" },
		{ 0x19, "trapped SVE access" },
		{ 0x1c, "pointer authentication failure" },
		{ 0x1d, "trapped SME access" },
		{ 0x20, "instruction abort from EL0" },
		{ 0x21, "instruction abort" },
		{ 0x22, "misaligned PC" },
		{ 0x24, "data abort from EL0" },
		{ 0x25, "data abort" },
		{ 0x26, "misaligned SP" },
		{ 0x27, "memory copy or set in a wrong state" },
		{ 0x2c, "trapped floating-point exception" },
		{ 0x2d, "Guarded Control Stack exception" },
		{ 0x2f, "SError" },
		{ 0x30, "breakpoint" },
		{ 0x31, "breakpoint" },
		{ 0x32, "software step" },
		{ 0x33, "software step" },
		{ 0x34, "watchpoint" },
		{ 0x35, "watchpoint" },
		{ 0x3c, "BRK" },
		{ 0x3d, "profiling exception" },
	};
	size_t next = 0;

	(void)state;
	for (unsigned int ec = 0; ec < EC_COUNT; ec++) {
		const bool is_known = next < sizeof(classes) / sizeof(classes[0]) && classes[next].ec == ec;

		// The other classes are reserved, or their exceptions are never taken to EL1 from AArch64
		// state.
		assert_string_equal(decode(ec, 0).class_name,
				    is_known ? classes[next].name
					     : "exception of a class that has no name here");
		next += is_known;
	}
	assert_int_equal(next, sizeof(classes) / sizeof(classes[0]));
}

static void every_class_has_a_name(void **state)
{
	(void)state;
	for (unsigned int ec = 0; ec < EC_COUNT; ec++) {
		const char *name = decode(ec, 0).class_name;

		assert_non_null(name);
		assert_true(strlen(name) > 0);
	}
}

static void bits_above_the_class_are_ignored(void **state)
{
	(void)state;
	// ISS2 takes ESR_EL1 from bit 32 on.
	struct vmb_esr decoded = vmb_esr_decode(UINT64_MAX << 32 | UINT64_C(0x25) << 26 | IL | WNR | 0x07);

	assert_string_equal(decoded.class_name, "data abort");
	assert_string_equal(decoded.cause, "translation fault");
	assert_true(decoded.is_write);
}

// DDI 0487, issue K.a, ESR_EL1, tables of the values of IFSC and DFSC. FEAT_LPA2 adds level -1, FEAT_D128
// adds level -2.
static void fault_statuses_have_their_names(void **state)
{
	static const struct {
		unsigned int first, last;
		const char *name;
		int first_level;
	} statuses[] = {
		{ 0x00, 0x03, "address size fault", 0 },
		{ 0x04, 0x07, "translation fault", 0 },
		{ 0x08, 0x0b, "access flag fault", 0 },
		{ 0x0c, 0x0f, "permission fault", 0 },
		{ 0x10, 0x10, "external abort", VMB_ESR_NO_LEVEL },
		{ 0x11, 0x11, "tag check fault", VMB_ESR_NO_LEVEL },
		{ 0x12, 0x17, "external abort on a table walk", -2 },
		{ 0x18, 0x18, "parity or ECC error", VMB_ESR_NO_LEVEL },
		{ 0x1b, 0x1f, "parity or ECC error on a table walk", -1 },
		{ 0x21, 0x21, "alignment fault", VMB_ESR_NO_LEVEL },
		{ 0x22, 0x27, "granule protection fault on a table walk", -2 },
		{ 0x28, 0x28, "granule protection fault", VMB_ESR_NO_LEVEL },
		{ 0x29, 0x29, "address size fault", -1 },
		{ 0x2a, 0x2b, "translation fault", -2 },
		{ 0x2c, 0x2c, "address size fault", -2 },
		{ 0x30, 0x30, "TLB conflict", VMB_ESR_NO_LEVEL },
		{ 0x31, 0x31, "unsupported hardware update of a table", VMB_ESR_NO_LEVEL },
		{ 0x34, 0x34, "lockdown fault", VMB_ESR_NO_LEVEL },
		{ 0x35, 0x35, "unsupported exclusive or atomic access", VMB_ESR_NO_LEVEL },
	};
	size_t i = 0;

	(void)state;
	for (unsigned int fsc = 0; fsc < FSC_COUNT; fsc++) {
		const struct vmb_esr decoded = decode(0x25, fsc);

		if (i < sizeof(statuses) / sizeof(statuses[0]) && fsc >= statuses[i].first) {
			assert_string_equal(decoded.cause, statuses[i].name);
			assert_int_equal(decoded.level,
					 statuses[i].first_level + (int)(fsc - statuses[i].first));
			i += fsc == statuses[i].last;
		} else {
			assert_string_equal(decoded.cause, "fault of a status that has no name here");
			assert_int_equal(decoded.level, VMB_ESR_NO_LEVEL);
		}
	}
	assert_int_equal(i, sizeof(statuses) / sizeof(statuses[0]));
}

static void every_abort_has_a_fault_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < ABORT_CLASS_COUNT; i++) {
		for (unsigned int fsc = 0; fsc < FSC_COUNT; fsc++) {
			const char *name = decode(abort_classes[i], fsc).cause;

			assert_non_null(name);
			assert_true(strlen(name) > 0);
		}
	}
}

static bool is_access_class(unsigned int ec)
{
	return ec == 0x24 || ec == 0x25 || ec == 0x34 || ec == 0x35;
}

static void data_aborts_and_watchpoints_tell_writes_from_reads(void **state)
{
	(void)state;
	for (unsigned int ec = 0; ec < EC_COUNT; ec++) {
		struct vmb_esr written = decode(ec, WNR | TRANSLATION_LEVEL_3);
		struct vmb_esr read = decode(ec, TRANSLATION_LEVEL_3);

		if (!is_access_class(ec)) {
			continue;
		}
		assert_true(written.is_access);
		assert_true(written.is_write);
		assert_true(read.is_access);
		assert_false(read.is_write);
	}
}

// In other classes bit 6 has another meaning or is reserved.
static void other_classes_are_not_writes(void **state)
{
	(void)state;
	for (unsigned int ec = 0; ec < EC_COUNT; ec++) {
		if (!is_access_class(ec)) {
			assert_false(decode(ec, WNR | TRANSLATION_LEVEL_3).is_access);
			assert_false(decode(ec, WNR | TRANSLATION_LEVEL_3).is_write);
		}
	}
}

static void external_abort_may_have_no_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < ABORT_CLASS_COUNT; i++) {
		assert_true(decode(abort_classes[i], EXTERNAL_ABORT).far_valid);
		assert_false(decode(abort_classes[i], FNV | EXTERNAL_ABORT).far_valid);
	}
}

// FnV is RES0 for these faults: the report must have the address even if the bit is set.
static void other_aborts_have_an_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < ABORT_CLASS_COUNT; i++) {
		for (unsigned int fsc = 0; fsc < FSC_COUNT; fsc++) {
			if (fsc != EXTERNAL_ABORT) {
				assert_true(decode(abort_classes[i], FNV | fsc).far_valid);
			}
		}
	}
}

static void pc_alignment_fault_has_an_address(void **state)
{
	(void)state;
	assert_true(decode(0x22, 0).far_valid);
}

static void watchpoint_may_have_no_address(void **state)
{
	(void)state;
	for (unsigned int ec = 0x34; ec <= 0x35; ec++) {
		assert_true(decode(ec, 0x22).far_valid);
		assert_false(decode(ec, FNV | 0x22).far_valid);
	}
}

static void other_classes_have_no_abort_details(void **state)
{
	(void)state;
	for (unsigned int ec = 0; ec < EC_COUNT; ec++) {
		if (is_abort_class(ec)) {
			continue;
		}
		// For example, the ISS of an SVC is a number that the program chooses.
		struct vmb_esr decoded = decode(ec, TRANSLATION_LEVEL_3);

		assert_null(decoded.cause);
		assert_int_equal(decoded.level, VMB_ESR_NO_LEVEL);
		assert_int_equal(decoded.far_valid, ec == 0x22 || ec == 0x34 || ec == 0x35);
	}
}

// Clang emits BRK #('U' << 8 | number). The numbers have had this order since version 14.
static void sanitizer_traps_have_their_names(void **state)
{
	static const char *const names[] = {
		"add overflow",
		"builtin unreachable",
		"CFI check",
		"division overflow",
		"dynamic type",
		"float cast overflow",
		"function type mismatch",
		"implicit conversion",
		"invalid builtin",
		"invalid ObjC cast",
		"load of an invalid value",
		"missing return",
		"mul overflow",
		"negate overflow",
		"nullability of an argument",
		"nullability of a return",
		"nonnull argument",
		"nonnull return",
		"out of bounds",
		"pointer overflow",
		"shift out of bounds",
		"sub overflow",
		"type mismatch",
		"alignment assumption",
		"VLA bound not positive",
	};

	(void)state;
	for (unsigned int i = 0; i < 0x100; i++) {
		struct vmb_esr decoded = decode(ESR_EC_BRK, 0x5500 | i);

		assert_string_equal(decoded.class_name, "undefined behaviour");
		assert_string_equal(decoded.cause, i < sizeof(names) / sizeof(names[0])
							   ? names[i]
							   : "a check that has no name here");
	}
}

static void other_breakpoint_instructions_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(decode(ESR_EC_BRK, 0x1).cause, "__builtin_trap");
	assert_string_equal(decode(ESR_EC_BRK, 0x3e8).cause, "__builtin_trap");
	assert_string_equal(decode(ESR_EC_BRK, 0xf000).cause, "__builtin_debugtrap");
	assert_string_equal(decode(ESR_EC_BRK, 0x8000).cause, "KCFI type mismatch");
	assert_string_equal(decode(ESR_EC_BRK, 0x83ff).cause, "KCFI type mismatch");
	assert_null(decode(ESR_EC_BRK, 0x8400).cause);
	assert_null(decode(ESR_EC_BRK, 0x54ff).cause);
	assert_null(decode(ESR_EC_BRK, 0x5600).cause);
	assert_null(decode(ESR_EC_BRK, 0).cause);
	assert_string_equal(decode(ESR_EC_BRK, 0x1).class_name, "BRK");
}

// The program chooses the immediate of other instructions.
static void other_classes_are_not_traps(void **state)
{
	(void)state;
	assert_string_equal(decode(0x15, 0x5500).class_name, "SVC");
	assert_null(decode(0x15, 0x5500).cause);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_have_their_names),
		cmocka_unit_test(every_class_has_a_name),
		cmocka_unit_test(bits_above_the_class_are_ignored),
		cmocka_unit_test(fault_statuses_have_their_names),
		cmocka_unit_test(every_abort_has_a_fault_status),
		cmocka_unit_test(data_aborts_and_watchpoints_tell_writes_from_reads),
		cmocka_unit_test(other_classes_are_not_writes),
		cmocka_unit_test(external_abort_may_have_no_address),
		cmocka_unit_test(other_aborts_have_an_address),
		cmocka_unit_test(pc_alignment_fault_has_an_address),
		cmocka_unit_test(watchpoint_may_have_no_address),
		cmocka_unit_test(other_classes_have_no_abort_details),
		cmocka_unit_test(sanitizer_traps_have_their_names),
		cmocka_unit_test(other_breakpoint_instructions_have_their_names),
		cmocka_unit_test(other_classes_are_not_traps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
