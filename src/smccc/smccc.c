// SPDX-License-Identifier: Apache-2.0

// Decodes the results of SMCCC calls, and calls the functions of SMCCC itself.

#include <vmbase/smccc.h>

#include "smccc_call.h"

#define FUNCTION_ID_SMC64 (UINT32_C(1) << 30)

__attribute__((weak)) enum vmbase_smccc_conduit vmbase_smccc_conduit = VMBASE_SMCCC_HVC;

enum vmbase_error vmbase_smccc_error(uint32_t function_id, uint64_t x0)
{
	int64_t status = (function_id & FUNCTION_ID_SMC64) != 0 ? (int64_t)x0 : (int32_t)x0;

	if (status >= 0) {
		return VMBASE_OK;
	}
	switch (status) {
	case -1: // NOT_SUPPORTED
	case -2: // NOT_REQUIRED
		return VMBASE_ERROR_UNSUPPORTED;
	case -3: // INVALID_PARAMETER
		return VMBASE_ERROR_INVALID_ARGUMENT;
	default:
		return VMBASE_ERROR_UNKNOWN_STATUS;
	}
}

// Calls a function whose result is a number of 31 bits or an error.
static enum vmbase_error call_for_value(uint32_t function_id, uint64_t arg1, uint32_t *value)
{
	uint64_t x0 = vmbase_smccc_call(function_id, arg1, 0, 0).x[0];
	enum vmbase_error error = vmbase_smccc_error(function_id, x0);

	if (error == VMBASE_OK) {
		*value = (uint32_t)x0;
	}
	return error;
}

enum vmbase_error vmbase_smccc_version(uint32_t *version)
{
	return call_for_value(SMCCC_VERSION, 0, version);
}

enum vmbase_error vmbase_smccc_arch_features(uint32_t function_id, uint32_t *value)
{
	return call_for_value(SMCCC_ARCH_FEATURES, function_id, value);
}
