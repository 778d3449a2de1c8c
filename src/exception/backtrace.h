// SPDX-License-Identifier: Apache-2.0

// Return addresses along the frame records (AAPCS64, The Frame Pointer).

#ifndef VMB_BACKTRACE_H
#define VMB_BACKTRACE_H

#include <vmbase/layout.h>

#include <stddef.h>
#include <stdint.h>

// Follows the records from frame pointer `fp` and stores their return addresses, the innermost first.
// Reads only whole, aligned records that lie in one of the two stacks: `inner`, and then `outer`, where
// the interrupted code ran. Within a stack, addresses have to rise. What breaks these rules, or a zero frame
// pointer or return address, ends the trace: it may be short, but it neither faults nor runs for ever. Returns
// how many addresses it stored, `capacity` at the most.
size_t vmb_backtrace(uintptr_t fp, struct vmbase_range inner, struct vmbase_range outer, uintptr_t *addresses,
		     size_t capacity);

#endif
