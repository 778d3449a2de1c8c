// SPDX-License-Identifier: Apache-2.0

// The report itself faults: the exception's name is a bad pointer.

#include "crash.h"

#include <vmbase/exceptions.h>

static void crash(void)
{
	struct vmbase_exception_frame frame = { 0 };

	vmbase_exception_report((const char *)0x123456780, &frame);
}

CRASH(crash);
