// SPDX-License-Identifier: Apache-2.0

// Names of the heap's faults.

#include <vmbase/heap.h>

const char *vmbase_heap_fault_name(enum vmbase_heap_fault_kind kind)
{
	static const char *const names[] = {
		[VMBASE_HEAP_DOUBLE_FREE] = "double free",
		[VMBASE_HEAP_INTERIOR_POINTER] = "free of an interior pointer",
		[VMBASE_HEAP_FOREIGN_POINTER] = "free of a foreign pointer",
		[VMBASE_HEAP_OVERRUN] = "write past the end of a block",
		[VMBASE_HEAP_CORRUPT_HEADER] = "corrupt header",
		[VMBASE_HEAP_CORRUPT_LINK] = "corrupt link",
		[VMBASE_HEAP_BUSY] = "free while the heap is busy",
	};
	const size_t index = (size_t)kind;

	return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown fault";
}
