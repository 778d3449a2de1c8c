// SPDX-License-Identifier: Apache-2.0

#ifndef VMB_INTERRUPTED_H
#define VMB_INTERRUPTED_H

#include <vmbase/exceptions.h>

#include <stddef.h>

// Stores the addresses that the interrupted code and its callers return to, the innermost first. Returns how
// many, `capacity` at the most.
size_t vmb_interrupted_backtrace(const struct vmbase_exception_frame *frame, uintptr_t *addresses,
				 size_t capacity);

#endif
