// SPDX-License-Identifier: Apache-2.0

#include "second.h"

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <limits.h>

// Volatile, so that the compiler does not know the value.
static volatile int largest = INT_MAX;

static void guest(void)
{
	vmbase_println("%s", greeting());
#ifdef OVERFLOW
	largest = largest + 1;
	vmbase_println("not trapped");
#else
	vmbase_println("%d", largest);
#endif
}

VMBASE_MAIN(guest);
