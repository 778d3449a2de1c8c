// SPDX-License-Identifier: Apache-2.0

// What can go wrong, for all of the library.
//
// A function that can fail returns an enum vmbase_error, which its caller has to look at: clang warns where
// it is dropped. Unless a function's description says otherwise, an error means that nothing has changed:
// what its out-parameters point to is as it was, and so is the machine.
//
// What comes from outside the guest's own code - a device tree, a hypercall's result, a device - and what a
// caller passes is never trusted and never a reason to panic: it gives one of these.

#ifndef VMBASE_ERROR_H
#define VMBASE_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#define VMBASE_MUST_CHECK __attribute__((warn_unused_result))
#else
#define VMBASE_MUST_CHECK // gcc knows it for functions only
#endif

enum VMBASE_MUST_CHECK vmbase_error {
	VMBASE_OK = 0,

	// What the caller asked for cannot be.
	VMBASE_ERROR_INVALID_ARGUMENT = -1, // a parameter is outside of what the function takes
	VMBASE_ERROR_UNALIGNED = -2,        // an address or a size is no multiple of what it must be
	VMBASE_ERROR_OUT_OF_RANGE = -3,     // a range is empty, wraps around, or lies where it must not
	VMBASE_ERROR_OVERLAP = -4,          // part of the range is taken already
	VMBASE_ERROR_NOT_FOUND = -5,        // there is no such thing
	VMBASE_ERROR_NO_MEMORY = -6,        // memory, or room in a table, has run out
	VMBASE_ERROR_BUSY = -7,    // it is in use, by the running code or by what this call interrupted
	VMBASE_ERROR_CORRUPT = -8, // data that nobody should have changed is not what it was

	// What the machine or its hypervisor answered.
	VMBASE_ERROR_UNSUPPORTED = -9,       // it does not have this
	VMBASE_ERROR_NO_ENTROPY = -10,       // its sources of entropy gave none
	VMBASE_ERROR_DENIED = -11,           // it refuses
	VMBASE_ERROR_ALREADY_ON = -12,       // the CPU is on
	VMBASE_ERROR_ON_PENDING = -13,       // the CPU is being turned on
	VMBASE_ERROR_INTERNAL_FAILURE = -14, // it failed and does not say why
	VMBASE_ERROR_NOT_PRESENT = -15,      // the CPU does not exist
	VMBASE_ERROR_DISABLED = -16,         // the CPU is disabled
	VMBASE_ERROR_INVALID_ADDRESS = -17,  // an entry point cannot be one
	VMBASE_ERROR_UNKNOWN_STATUS = -18,   // its answer is none that the specification knows
};

// A short text for a log line, such as "out of range"; "unknown error" for any other value. Any context.
const char *vmbase_error_name(enum vmbase_error error);

#ifdef __cplusplus
}
#endif

#endif
