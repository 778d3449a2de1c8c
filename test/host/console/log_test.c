// SPDX-License-Identifier: Apache-2.0

// The log: levels, suppressions, and its lock.

#include <vmbase/log.h>

#include "../../../src/console/console_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// The text that the log has printed since the test began, and the state of the console's lock.
static char printed[256];
static bool lock_is_free;
static bool lock_held;
static bool printed_without_lock;

bool vmb_console_lock(void)
{
	lock_held = lock_is_free;
	return lock_is_free;
}

void vmb_console_unlock(bool locked)
{
	assert_int_equal(locked, lock_held);
	lock_held = false;
}

void vmb_console_vprint(const char *format, va_list args)
{
	size_t length = strlen(printed);
	int added = vsnprintf(printed + length, sizeof(printed) - length, format, args);

	assert_true(added >= 0 && (size_t)added < sizeof(printed) - length);
	printed_without_lock = printed_without_lock || !lock_held;
}

static void append(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vmb_console_vprint(format, args);
	va_end(args);
}

void vmb_console_write_str(const char *text)
{
	append("%s", text);
}

static int begin(void **state)
{
	(void)state;
	printed[0] = '\0';
	lock_is_free = true;
	lock_held = false;
	printed_without_lock = false;
	vmbase_log_init(VMBASE_LOG_OFF);
	return 0;
}

static void log_one_line_of_each_level(void)
{
	vmbase_log_error("e");
	vmbase_log_warn("w");
	vmbase_log_info("i");
	vmbase_log_debug("d");
	vmbase_log_trace("t");
}

// Must be the first test of the group: the others start the log.
static void nothing_is_logged_before_init(void **state)
{
	(void)state;
	log_one_line_of_each_level();
	assert_string_equal(printed, "");
}

static void line_has_a_level_and_its_text(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_info("%s %d%%", "at", 50);
	assert_string_equal(printed, "[INFO] at 50%\n");
}

static void level_includes_those_above_it(void **state)
{
	static const char *const expected[] = {
		[VMBASE_LOG_OFF] = "",
		[VMBASE_LOG_ERROR] = "[ERROR] e\n",
		[VMBASE_LOG_WARN] = "[ERROR] e\n[WARN] w\n",
		[VMBASE_LOG_INFO] = "[ERROR] e\n[WARN] w\n[INFO] i\n",
		[VMBASE_LOG_DEBUG] = "[ERROR] e\n[WARN] w\n[INFO] i\n[DEBUG] d\n",
		[VMBASE_LOG_TRACE] = "[ERROR] e\n[WARN] w\n[INFO] i\n[DEBUG] d\n[TRACE] t\n",
	};

	(void)state;
	for (int level = VMBASE_LOG_OFF; level <= VMBASE_LOG_TRACE; level++) {
		printed[0] = '\0';
		vmbase_log_init((enum vmbase_log_level)level);
		log_one_line_of_each_level();
		assert_string_equal(printed, expected[level]);
	}
}

static void level_changes_at_run_time(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_ERROR);
	vmbase_log_set_max_level(VMBASE_LOG_WARN);
	vmbase_log_warn("w");
	assert_string_equal(printed, "[WARN] w\n");
}

static void level_off_is_never_enabled(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_TRACE);
	assert_false(vmbase_log_is_enabled(VMBASE_LOG_OFF));
}

static void suppressions_nest(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_suppress();
	vmbase_log_suppress();
	vmbase_log_info("twice");
	vmbase_log_restore();
	vmbase_log_info("once");
	vmbase_log_restore();
	vmbase_log_info("heard");
	assert_string_equal(printed, "[INFO] heard\n");
}

static void restore_without_a_suppression_changes_nothing(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_restore();
	vmbase_log_info("before");
	vmbase_log_suppress();
	vmbase_log_info("during");
	assert_string_equal(printed, "[INFO] before\n");
}

static void suppression_outlives_a_change_of_level(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_suppress();
	vmbase_log_set_max_level(VMBASE_LOG_TRACE);
	vmbase_log_info("during");
	assert_string_equal(printed, "");
	vmbase_log_restore();
	vmbase_log_trace("after");
	assert_string_equal(printed, "[TRACE] after\n");
}

static void init_lifts_a_suppression(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_suppress();
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_info("heard");
	assert_string_equal(printed, "[INFO] heard\n");
}

static void arguments_are_evaluated_only_for_a_line_that_is_printed(void **state)
{
	int evaluations = 0;

	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_debug("%d", ++evaluations);
	vmbase_log_suppress();
	vmbase_log_info("%d", ++evaluations);
	vmbase_log_restore();
	assert_int_equal(evaluations, 0);
	vmbase_log_info("%d", ++evaluations);
	assert_int_equal(evaluations, 1);
}

static void macro_is_one_statement(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	// No braces on purpose: an `if` inside the macro must not capture this `else`.
	if (vmbase_log_is_enabled(VMBASE_LOG_TRACE))
		vmbase_log_trace("not this");
	else
		vmbase_log_info("this");
	assert_string_equal(printed, "[INFO] this\n");
}

static void write_ignores_the_level_in_force(void **state)
{
	(void)state;
	vmbase_log_write(VMBASE_LOG_WARN, "%s", "w");
	assert_string_equal(printed, "[WARN] w\n");
}

static void line_is_printed_under_the_lock(void **state)
{
	(void)state;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_info("i");
	assert_false(printed_without_lock);
	assert_false(lock_held);
}

static void line_is_printed_without_the_lock_if_another_call_holds_it(void **state)
{
	(void)state;
	lock_is_free = false;
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_info("i");
	assert_string_equal(printed, "[INFO] i\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_logged_before_init),
		cmocka_unit_test_setup(line_has_a_level_and_its_text, begin),
		cmocka_unit_test_setup(level_includes_those_above_it, begin),
		cmocka_unit_test_setup(level_changes_at_run_time, begin),
		cmocka_unit_test_setup(level_off_is_never_enabled, begin),
		cmocka_unit_test_setup(suppressions_nest, begin),
		cmocka_unit_test_setup(restore_without_a_suppression_changes_nothing, begin),
		cmocka_unit_test_setup(suppression_outlives_a_change_of_level, begin),
		cmocka_unit_test_setup(init_lifts_a_suppression, begin),
		cmocka_unit_test_setup(arguments_are_evaluated_only_for_a_line_that_is_printed, begin),
		cmocka_unit_test_setup(macro_is_one_statement, begin),
		cmocka_unit_test_setup(write_ignores_the_level_in_force, begin),
		cmocka_unit_test_setup(line_is_printed_under_the_lock, begin),
		cmocka_unit_test_setup(line_is_printed_without_the_lock_if_another_call_holds_it, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
