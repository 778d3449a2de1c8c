// SPDX-License-Identifier: Apache-2.0

// The names of the errors.

#include <vmbase/error.h>

#include <stddef.h>

static const char *const names[] = {
	[-VMBASE_OK] = "no error",
	[-VMBASE_ERROR_INVALID_ARGUMENT] = "invalid argument",
	[-VMBASE_ERROR_UNALIGNED] = "unaligned",
	[-VMBASE_ERROR_OUT_OF_RANGE] = "out of range",
	[-VMBASE_ERROR_OVERLAP] = "overlap",
	[-VMBASE_ERROR_NOT_FOUND] = "not found",
	[-VMBASE_ERROR_NO_MEMORY] = "out of memory",
	[-VMBASE_ERROR_BUSY] = "busy",
	[-VMBASE_ERROR_CORRUPT] = "corrupt",
	[-VMBASE_ERROR_UNSUPPORTED] = "unsupported",
	[-VMBASE_ERROR_NO_ENTROPY] = "no entropy",
	[-VMBASE_ERROR_DENIED] = "denied",
	[-VMBASE_ERROR_ALREADY_ON] = "already on",
	[-VMBASE_ERROR_ON_PENDING] = "on pending",
	[-VMBASE_ERROR_INTERNAL_FAILURE] = "internal failure",
	[-VMBASE_ERROR_NOT_PRESENT] = "not present",
	[-VMBASE_ERROR_DISABLED] = "disabled",
	[-VMBASE_ERROR_INVALID_ADDRESS] = "invalid address",
	[-VMBASE_ERROR_UNKNOWN_STATUS] = "unknown status",
};

const char *vmbase_error_name(enum vmbase_error error)
{
	// Errors are 0 or negative. Every other value gives an index that is too large.
	size_t index = (size_t)0 - (size_t)(long)error;

	return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown error";
}
