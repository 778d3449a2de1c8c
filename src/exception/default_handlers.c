// SPDX-License-Identifier: Apache-2.0

// The default handler that does more than report. Weak, as those in default_handlers.S.

#include <vmbase/exceptions.h>
#include <vmbase/tracker.h>

// The tracker's own, in a guest that uses it.
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
