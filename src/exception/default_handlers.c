// SPDX-License-Identifier: Apache-2.0

// The default handler that asks the tracker before it reports. It is weak, like those in default_handlers.S.

#include <vmbase/exceptions.h>
#include <vmbase/tracker.h>

// A guest that uses the tracker links the tracker's function instead.
__attribute__((weak)) enum vmbase_error
vmbase_tracker_handle_exception(const struct vmbase_exception_frame *frame)
{
	(void)frame;
	return VMBASE_ERROR_NOT_FOUND;
}

__attribute__((weak)) void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (vmbase_tracker_handle_exception(frame) != VMBASE_OK) {
		vmbase_exception_report("sync_exception_current", frame);
	}
}
