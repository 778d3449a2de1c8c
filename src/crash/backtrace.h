// SPDX-License-Identifier: Apache-2.0

// The addresses that code and its callers return to, along the frame records (AAPCS64, The Frame Pointer). Pure
// logic: it builds on the host.

#ifndef VMB_BACKTRACE_H
#define VMB_BACKTRACE_H

#include <vmbase/exceptions.h>
#include <vmbase/layout.h>

#include <stddef.h>
#include <stdint.h>

// Stores the addresses that the interrupted code and its callers return to, the innermost first. After an
// address that an exception interrupted, the trace goes on like at its beginning: by vmb_return_address() of
// that exception's frame. Reads only whole, aligned records, and frames, that lie in one of the two stacks:
// `inner`, and then `outer`, where the interrupted code ran. Within a stack, addresses have to rise. What
// breaks these rules, or a zero frame pointer or return address, ends the trace: it may be short, but it
// neither faults nor runs for ever. Returns how many addresses it stored, `capacity` at the most.
size_t vmb_backtrace(const struct vmbase_exception_frame *frame, struct vmbase_range inner,
		     struct vmbase_range outer, uintptr_t *addresses, size_t capacity);

// Returns the address that interrupted code was going to return to, or 0 if it is in a frame record, not in a
// register. src/crash/interrupted.c.
uintptr_t vmb_return_address(const struct vmbase_exception_frame *frame);

#endif
