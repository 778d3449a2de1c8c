// SPDX-License-Identifier: Apache-2.0

// A call that does not come back is the last instruction of its function: it would return to the next one.

#include "crash.h"

#include <vmbase/panic.h>

__attribute__((noinline)) static _Noreturn void fail(int code)
{
	vmbase_panic("code %d", code);
}

static void crash(void)
{
	fail(7);
}

CRASH(crash);
