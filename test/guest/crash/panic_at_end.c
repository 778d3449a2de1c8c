// SPDX-License-Identifier: Apache-2.0

// A call that does not return is the last instruction of its function. Its return address is in the next
// function.

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
