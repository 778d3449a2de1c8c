// SPDX-License-Identifier: Apache-2.0

// The return addresses of interrupted code and its callers, read from the frame records (AAPCS64, The Frame
// Pointer). Pure logic: it builds on the host.

#ifndef VMB_BACKTRACE_H
#define VMB_BACKTRACE_H

#include <vmbase/exceptions.h>
#include <vmbase/layout.h>

#include <stddef.h>
#include <stdint.h>

// Stores the addresses that the interrupted code and its callers return to, the innermost first. At the frame
// of another exception, continues with the address that this exception interrupted, and with
// vmb_return_address() of this frame.
//
// Reads only whole, aligned records and frames in one of the two stacks: first `inner`, then `outer`, the stack
// of the interrupted code. Within a stack the addresses of the records must rise. The trace ends at a record
// that breaks these rules, and at a zero frame pointer or return address. The trace may be short, but the
// function neither faults nor runs for ever.
//
// Returns the number of stored addresses, at most `capacity`.
size_t vmb_backtrace(const struct vmbase_exception_frame *frame, struct vmbase_range inner,
		     struct vmbase_range outer, uintptr_t *addresses, size_t capacity);

// Returns the address that interrupted code was going to return to. Returns 0 if a frame record has this
// address, not a register. Defined in src/crash/interrupted.c, which needs the image.
uintptr_t vmb_return_address(const struct vmbase_exception_frame *frame);

#endif
