// SPDX-License-Identifier: Apache-2.0

// Weak, so that a guest replaces one by defining it.

#include <vmbase/exceptions.h>

#define DEFAULT_HANDLER(name)                                                                                  \
	__attribute__((weak)) void name(struct vmbase_exception_frame *frame)                                  \
	{                                                                                                      \
		vmbase_exception_report(#name, frame);                                                         \
	}

DEFAULT_HANDLER(sync_exception_current)
DEFAULT_HANDLER(irq_current)
DEFAULT_HANDLER(fiq_current)
DEFAULT_HANDLER(serr_current)
DEFAULT_HANDLER(sync_lower)
DEFAULT_HANDLER(irq_lower)
DEFAULT_HANDLER(fiq_lower)
DEFAULT_HANDLER(serr_lower)
