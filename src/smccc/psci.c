// SPDX-License-Identifier: Apache-2.0

// Calls PSCI (Arm DEN 0022, issue F).

#include <vmbase/psci.h>
#include <vmbase/smccc.h>

#include <stddef.h>

enum vmbase_error vmbase_psci_error(int32_t status)
{
	static const int8_t errors[] = {
		VMBASE_OK,
		VMBASE_ERROR_UNSUPPORTED,      // NOT_SUPPORTED, -1
		VMBASE_ERROR_INVALID_ARGUMENT, // INVALID_PARAMETERS
		VMBASE_ERROR_DENIED,           // DENIED
		VMBASE_ERROR_ALREADY_ON,       // ALREADY_ON
		VMBASE_ERROR_ON_PENDING,       // ON_PENDING
		VMBASE_ERROR_INTERNAL_FAILURE, // INTERNAL_FAILURE
		VMBASE_ERROR_NOT_PRESENT,      // NOT_PRESENT
		VMBASE_ERROR_DISABLED,         // DISABLED
		VMBASE_ERROR_INVALID_ADDRESS,  // INVALID_ADDRESS, -9
	};
	// Errors are negative. A positive value, converted to unsigned, gives an index beyond the table.
	uint32_t index = 0 - (uint32_t)status;

	return index < sizeof(errors) ? (enum vmbase_error)errors[index] : VMBASE_ERROR_UNKNOWN_STATUS;
}

// Makes a call and returns x0. PSCI's results have 32 bits, also those of its 64-bit functions (DEN 0022, issue
// F, Function prototypes).
static int32_t call(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	return (int32_t)vmbase_smccc_call(function_id, arg1, arg2, arg3).x[0];
}

// Calls a function whose result is 0 or an error.
static enum vmbase_error call_for_status(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	return vmbase_psci_error(call(function_id, arg1, arg2, arg3));
}

// Calls a function whose result is a non-negative value or an error.
static enum vmbase_error call_for_value(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint32_t *value)
{
	int32_t result = call(function_id, arg1, arg2, 0);

	if (result < 0) {
		return vmbase_psci_error(result);
	}
	*value = (uint32_t)result;
	return VMBASE_OK;
}

enum vmbase_error vmbase_psci_version(uint32_t *version)
{
	return call_for_value(VMBASE_PSCI_VERSION, 0, 0, version);
}

enum vmbase_error vmbase_psci_features(uint32_t function_id, uint32_t *flags)
{
	return call_for_value(VMBASE_PSCI_FEATURES, function_id, 0, flags);
}

// Calls a function that does not return on success. Returning with success is therefore a failure too.
static enum vmbase_error call_without_return(uint32_t function_id, uint64_t arg1, uint64_t arg2)
{
	enum vmbase_error error = call_for_status(function_id, arg1, arg2, 0);

	return error == VMBASE_OK ? VMBASE_ERROR_INTERNAL_FAILURE : error;
}

enum vmbase_error vmbase_psci_system_off(void)
{
	return call_without_return(VMBASE_PSCI_SYSTEM_OFF, 0, 0);
}

enum vmbase_error vmbase_psci_system_reset(void)
{
	return call_without_return(VMBASE_PSCI_SYSTEM_RESET, 0, 0);
}

enum vmbase_error vmbase_psci_system_reset2(uint32_t reset_type, uint64_t cookie)
{
	return call_without_return(VMBASE_PSCI_SYSTEM_RESET2, reset_type, cookie);
}

enum vmbase_error vmbase_psci_cpu_on(uint64_t target_mpidr, struct vmbase_phys entry_point, uint64_t context_id)
{
	return call_for_status(VMBASE_PSCI_CPU_ON, target_mpidr, entry_point.address, context_id);
}

enum vmbase_error vmbase_psci_cpu_off(void)
{
	return call_without_return(VMBASE_PSCI_CPU_OFF, 0, 0);
}

enum vmbase_error vmbase_psci_affinity_info(uint64_t target_mpidr, uint32_t lowest_level,
					    enum vmbase_psci_state *state)
{
	uint32_t value;
	enum vmbase_error error = call_for_value(VMBASE_PSCI_AFFINITY_INFO, target_mpidr, lowest_level, &value);

	if (error != VMBASE_OK) {
		return error;
	}
	if (value > VMBASE_PSCI_STATE_ON_PENDING) {
		return VMBASE_ERROR_UNKNOWN_STATUS;
	}
	*state = (enum vmbase_psci_state)value;
	return VMBASE_OK;
}

enum vmbase_error vmbase_psci_cpu_suspend(uint32_t power_state, struct vmbase_phys entry_point,
					  uint64_t context_id)
{
	return call_for_status(VMBASE_PSCI_CPU_SUSPEND, power_state, entry_point.address, context_id);
}
