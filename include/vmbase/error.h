// SPDX-License-Identifier: Apache-2.0

// The errors that the functions of this library return.
//
// A function that can fail returns enum vmbase_error. The caller must check the value: clang warns if the
// caller drops it. Unless the function's comment says otherwise, nothing has changed after an error: neither
// the machine nor the variables that the out-parameters point to.
//
// The library does not trust input from outside of the guest's own code (a device tree, the result of a
// hypercall, a device), nor the arguments of a caller. Bad input gives one of these errors and never a panic.

#ifndef VMBASE_ERROR_H
#define VMBASE_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#define VMBASE_MUST_CHECK __attribute__((warn_unused_result))
#else
#define VMBASE_MUST_CHECK // gcc accepts this attribute on functions only
#endif

enum VMBASE_MUST_CHECK vmbase_error {
	VMBASE_OK = 0,

	// The caller's request is not possible.
	VMBASE_ERROR_INVALID_ARGUMENT = -1, // a parameter has a value that the function does not accept
	VMBASE_ERROR_UNALIGNED = -2,        // an address or a size is not a multiple of the required alignment
	VMBASE_ERROR_OUT_OF_RANGE = -3,     // a range is empty, wraps around, or is not in a valid place
	VMBASE_ERROR_OVERLAP = -4,          // part of the range is already in use
	VMBASE_ERROR_NOT_FOUND = -5,        // the object or the entry does not exist
	VMBASE_ERROR_NO_MEMORY = -6,        // no memory, or no room in a table, is left
	VMBASE_ERROR_BUSY = -7,             // the running code, or the code that this call interrupted, uses it
	VMBASE_ERROR_CORRUPT = -8,          // data has been damaged, or does not have its form

	// The answer of the machine or of its hypervisor.
	VMBASE_ERROR_UNSUPPORTED = -9,       // the feature does not exist here
	VMBASE_ERROR_NO_ENTROPY = -10,       // the sources of entropy gave nothing
	VMBASE_ERROR_DENIED = -11,           // the request is refused
	VMBASE_ERROR_ALREADY_ON = -12,       // the CPU is already on
	VMBASE_ERROR_ON_PENDING = -13,       // the CPU is being turned on
	VMBASE_ERROR_INTERNAL_FAILURE = -14, // the request failed without a reason
	VMBASE_ERROR_NOT_PRESENT = -15,      // the CPU does not exist
	VMBASE_ERROR_DISABLED = -16,         // the CPU is disabled
	VMBASE_ERROR_INVALID_ADDRESS = -17,  // the entry point is not valid
	VMBASE_ERROR_UNKNOWN_STATUS = -18,   // the specification does not define this answer
};

// Returns a short text for a log line, such as "out of range", or "unknown error" for any other value.
//
// Context: any
const char *vmbase_error_name(enum vmbase_error error);

#ifdef __cplusplus
}
#endif

#endif
