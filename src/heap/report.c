// SPDX-License-Identifier: Apache-2.0

// The default report of a heap fault. A guest can define the function itself.

#include <vmbase/heap.h>
#include <vmbase/panic.h>

#include <inttypes.h>

__attribute__((weak)) void vmbase_heap_report(const struct vmbase_heap_fault *fault)
{
	vmbase_panic("heap: %s: 0x%016" PRIxPTR ", 0x%016" PRIxPTR
		     ", found by the call that returns to 0x%016" PRIxPTR,
		     vmbase_heap_fault_name(fault->kind), fault->pointer, fault->evidence, fault->caller);
}
