// SPDX-License-Identifier: Apache-2.0

// Follows frame records from the interrupted code outwards.

#include "backtrace.h"

#include "../exception/frame.h"

#include <stdbool.h>

struct record {
	uintptr_t fp;
	uintptr_t return_address;
};

// Returns whether fp points to a whole, aligned record in the stack, at or above `lowest`.
static bool has_record(struct vmbase_range stack, uintptr_t fp, uintptr_t lowest)
{
	return fp % sizeof(struct record) == 0 && fp >= stack.begin && fp >= lowest && fp < stack.end &&
	       stack.end - fp >= sizeof(struct record);
}

// Returns the exception frame that contains the record, or NULL. An exception frame is recognised by the copies
// of both words of its record. A handler that changes `elr` hides its frame.
static const struct vmbase_exception_frame *frame_of(struct vmbase_range stack, const struct record *record)
{
	if ((uintptr_t)record - stack.begin < FRAME_RECORD) {
		return NULL;
	}
	const struct vmb_frame *frame = (const void *)((const char *)record - FRAME_RECORD);

	return frame->general.x[29] == record->fp && frame->general.elr == record->return_address
		       ? &frame->general
		       : NULL;
}

size_t vmb_backtrace(const struct vmbase_exception_frame *frame, struct vmbase_range inner,
		     struct vmbase_range outer, uintptr_t *addresses, size_t capacity)
{
	struct vmbase_range stack = inner;
	uintptr_t fp = frame->x[29];
	uintptr_t lowest = 0;
	size_t count = 0;

	while (count < capacity) {
		uintptr_t address = frame != NULL ? vmb_return_address(frame) : 0;

		frame = NULL;
		if (address == 0) {
			if (!has_record(stack, fp, lowest)) {
				if (stack.begin == outer.begin) {
					break;
				}
				stack = outer;
				lowest = 0;
				continue;
			}
			// The frame pointer is only a number until this check of the stack.
			const struct record *record =
				(const struct record *)fp; // NOLINT(performance-no-int-to-ptr)

			address = record->return_address;
			if (address == 0) {
				break;
			}
			frame = frame_of(stack, record);
			lowest = fp + sizeof(*record);
			fp = record->fp;
		}
		addresses[count++] = address;
	}
	return count;
}
