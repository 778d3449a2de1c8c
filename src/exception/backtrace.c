// SPDX-License-Identifier: Apache-2.0

#include "backtrace.h"

#include <stdbool.h>

struct record {
	uintptr_t fp;
	uintptr_t return_address;
};

// Whether a record that is not below `lowest` lies at fp.
static bool has_record(struct vmbase_range stack, uintptr_t fp, uintptr_t lowest)
{
	return fp % sizeof(struct record) == 0 && fp >= stack.begin && fp >= lowest && fp < stack.end &&
	       stack.end - fp >= sizeof(struct record);
}

size_t vmb_backtrace(uintptr_t fp, struct vmbase_range inner, struct vmbase_range outer, uintptr_t *addresses,
		     size_t capacity)
{
	struct vmbase_range stack = inner;
	uintptr_t lowest = 0;
	size_t count = 0;

	while (count < capacity) {
		if (!has_record(stack, fp, lowest)) {
			if (stack.begin == outer.begin || !has_record(outer, fp, 0)) {
				break;
			}
			stack = outer;
		}
		// The frame pointer is only a number until here, where it is known to lie in a stack.
		const struct record *record = (const struct record *)fp; // NOLINT(performance-no-int-to-ptr)

		if (record->return_address == 0) {
			break;
		}
		addresses[count++] = record->return_address;
		lowest = fp + sizeof(*record);
		fp = record->fp;
	}
	return count;
}
