// SPDX-License-Identifier: Apache-2.0

#include "greeting.h"

#include <vmbase/main.h>

static void hello(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	greet();
}

VMBASE_MAIN(hello);
