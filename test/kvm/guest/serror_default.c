// SPDX-License-Identifier: Apache-2.0

// An SError that nobody handles is reported.

#include "host.h"

#include <vmbase/console.h>
#include <vmbase/main.h>

static void serror_default(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	host_make_serror_pending();
	vmbase_println("main goes on");
}

VMBASE_MAIN(serror_default);
