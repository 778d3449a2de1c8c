// SPDX-License-Identifier: Apache-2.0

// Weak, so that a guest replaces one by defining it.

#include <vmbase/exceptions.h>
#include <vmbase/memory.h>

#define DEFAULT_HANDLER(name)                                                                                  \
	__attribute__((weak)) void name(struct vmbase_exception_frame *frame)                                  \
	{                                                                                                      \
		vmbase_exception_report(#name, frame);                                                         \
	}

// The tracker's own, in a guest that uses it.
__attribute__((weak)) enum vmbase_error
vmbase_memory_handle_exception(const struct vmbase_exception_frame *frame)
{
	(void)frame;
	return VMBASE_ERROR_NOT_FOUND;
}

__attribute__((weak)) void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (vmbase_memory_handle_exception(frame) != VMBASE_OK) {
		vmbase_exception_report("sync_exception_current", frame);
	}
}

DEFAULT_HANDLER(irq_current)
DEFAULT_HANDLER(fiq_current)
DEFAULT_HANDLER(serr_current)
DEFAULT_HANDLER(sync_lower)
DEFAULT_HANDLER(irq_lower)
DEFAULT_HANDLER(fiq_lower)
DEFAULT_HANDLER(serr_lower)
