// SPDX-License-Identifier: Apache-2.0

// Results of PSCI and SMCCC calls.

#include <vmbase/psci.h>
#include <vmbase/smccc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../support/fake_smccc.h"

#define SUCCESS 0
#define NOT_SUPPORTED UINT64_MAX
#define W_NOT_SUPPORTED UINT64_C(0xffffffff)

static void each_psci_status_has_its_error(void **state)
{
	(void)state;
	assert_int_equal(vmbase_psci_error(0), VMBASE_OK);
	assert_int_equal(vmbase_psci_error(-1), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_psci_error(-2), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_psci_error(-3), VMBASE_ERROR_DENIED);
	assert_int_equal(vmbase_psci_error(-4), VMBASE_ERROR_ALREADY_ON);
	assert_int_equal(vmbase_psci_error(-5), VMBASE_ERROR_ON_PENDING);
	assert_int_equal(vmbase_psci_error(-6), VMBASE_ERROR_INTERNAL_FAILURE);
	assert_int_equal(vmbase_psci_error(-7), VMBASE_ERROR_NOT_PRESENT);
	assert_int_equal(vmbase_psci_error(-8), VMBASE_ERROR_DISABLED);
	assert_int_equal(vmbase_psci_error(-9), VMBASE_ERROR_INVALID_ADDRESS);
}

static void any_other_psci_status_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(vmbase_psci_error(-10), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_int_equal(vmbase_psci_error(1), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_int_equal(vmbase_psci_error(INT32_MIN), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_int_equal(vmbase_psci_error(INT32_MAX), VMBASE_ERROR_UNKNOWN_STATUS);
}

static void psci_status_is_32_bits_in_either_form(void **state)
{
	(void)state;
	fake_smccc_expect({ VMBASE_PSCI_CPU_ON, 7, { W_NOT_SUPPORTED } },
			  { VMBASE_PSCI_CPU_ON, 7, { NOT_SUPPORTED } });
	assert_int_equal(vmbase_psci_cpu_on(7, vmbase_phys_at(0x1000), 0), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_psci_cpu_on(7, vmbase_phys_at(0x1000), 0), VMBASE_ERROR_UNSUPPORTED);
	fake_smccc_check();
}

static void psci_values_are_returned(void **state)
{
	uint32_t version = 1, flags = 1;
	enum vmbase_psci_state cpu = VMBASE_PSCI_STATE_ON;

	(void)state;
	fake_smccc_expect({ VMBASE_PSCI_VERSION, 0, { 0x10003 } },
			  { VMBASE_PSCI_FEATURES, VMBASE_PSCI_CPU_SUSPEND, { 2 } },
			  { VMBASE_PSCI_AFFINITY_INFO, 0x100, { 1 } });
	assert_int_equal(vmbase_psci_version(&version), VMBASE_OK);
	assert_int_equal(version, VMBASE_VERSION(1, 3));
	assert_int_equal(vmbase_psci_features(VMBASE_PSCI_CPU_SUSPEND, &flags), VMBASE_OK);
	assert_int_equal(flags, 2);
	assert_int_equal(vmbase_psci_affinity_info(0x100, 0, &cpu), VMBASE_OK);
	assert_int_equal(cpu, VMBASE_PSCI_STATE_OFF);
	fake_smccc_check();
}

static void psci_errors_leave_values_unchanged(void **state)
{
	uint32_t version = 77, flags = 77;
	enum vmbase_psci_state cpu = VMBASE_PSCI_STATE_ON_PENDING;

	(void)state;
	fake_smccc_expect(
		{ VMBASE_PSCI_VERSION, 0, { NOT_SUPPORTED } }, { VMBASE_PSCI_FEATURES, 5, { NOT_SUPPORTED } },
		{ VMBASE_PSCI_AFFINITY_INFO, 9, { (uint64_t)-2 } }, { VMBASE_PSCI_AFFINITY_INFO, 9, { 3 } });
	assert_int_equal(vmbase_psci_version(&version), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(version, 77);
	assert_int_equal(vmbase_psci_features(5, &flags), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(flags, 77);
	assert_int_equal(vmbase_psci_affinity_info(9, 0, &cpu), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_psci_affinity_info(9, 0, &cpu), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_int_equal(cpu, VMBASE_PSCI_STATE_ON_PENDING);
	fake_smccc_check();
}

static void psci_call_that_must_not_return_fails_if_it_returns(void **state)
{
	(void)state;
	fake_smccc_expect({ VMBASE_PSCI_SYSTEM_OFF, 0, { SUCCESS } },
			  { VMBASE_PSCI_SYSTEM_RESET, 0, { NOT_SUPPORTED } },
			  { VMBASE_PSCI_SYSTEM_RESET2, VMBASE_PSCI_SYSTEM_WARM_RESET, { (uint64_t)-2 } },
			  { VMBASE_PSCI_CPU_OFF, 0, { (uint64_t)-3 } });
	assert_int_equal(vmbase_psci_system_off(), VMBASE_ERROR_INTERNAL_FAILURE);
	assert_int_equal(vmbase_psci_system_reset(), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_psci_system_reset2(VMBASE_PSCI_SYSTEM_WARM_RESET, 0),
			 VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_psci_cpu_off(), VMBASE_ERROR_DENIED);
	fake_smccc_check();
}

static void cpu_suspend_returns_the_error_of_its_status(void **state)
{
	(void)state;
	fake_smccc_expect({ VMBASE_PSCI_CPU_SUSPEND, 1 << 16, { SUCCESS } },
			  { VMBASE_PSCI_CPU_SUSPEND, 0, { (uint64_t)-9 } });
	assert_int_equal(vmbase_psci_cpu_suspend(1 << 16, vmbase_phys_at(0), 0), VMBASE_OK);
	assert_int_equal(vmbase_psci_cpu_suspend(0, vmbase_phys_at(0), 0), VMBASE_ERROR_INVALID_ADDRESS);
	fake_smccc_check();
}

static void smccc_status_has_the_width_of_its_function(void **state)
{
	(void)state;
	assert_int_equal(vmbase_smccc_error(0x84000000, 0), VMBASE_OK);
	assert_int_equal(vmbase_smccc_error(0x84000000, 5), VMBASE_OK);
	assert_int_equal(vmbase_smccc_error(0x84000000, W_NOT_SUPPORTED), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_smccc_error(0xc4000000, W_NOT_SUPPORTED), VMBASE_OK);
	assert_int_equal(vmbase_smccc_error(0xc4000000, NOT_SUPPORTED), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_smccc_error(0xc4000000, (uint64_t)-2), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_smccc_error(0xc4000000, (uint64_t)-3), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_smccc_error(0xc4000000, (uint64_t)-4), VMBASE_ERROR_UNKNOWN_STATUS);
	assert_int_equal(vmbase_smccc_error(0xc4000000, UINT64_C(1) << 63), VMBASE_ERROR_UNKNOWN_STATUS);
}

static void smccc_version_and_features_are_returned(void **state)
{
	uint32_t value = 77;

	(void)state;
	fake_smccc_expect({ 0x80000000, 0, { W_NOT_SUPPORTED } }, { 0x80000000, 0, { 0x10002 } },
			  { 0x80000001, 0x80008000, { 1 } });
	assert_int_equal(vmbase_smccc_version(&value), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(value, 77);
	assert_int_equal(vmbase_smccc_version(&value), VMBASE_OK);
	assert_int_equal(value, VMBASE_VERSION(1, 2));
	assert_int_equal(vmbase_smccc_arch_features(0x80008000, &value), VMBASE_OK);
	assert_int_equal(value, 1);
	fake_smccc_check();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_psci_status_has_its_error),
		cmocka_unit_test(any_other_psci_status_is_unknown),
		cmocka_unit_test(psci_status_is_32_bits_in_either_form),
		cmocka_unit_test(psci_values_are_returned),
		cmocka_unit_test(psci_errors_leave_values_unchanged),
		cmocka_unit_test(psci_call_that_must_not_return_fails_if_it_returns),
		cmocka_unit_test(cpu_suspend_returns_the_error_of_its_status),
		cmocka_unit_test(smccc_status_has_the_width_of_its_function),
		cmocka_unit_test(smccc_version_and_features_are_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
