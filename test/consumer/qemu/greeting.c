// SPDX-License-Identifier: Apache-2.0

// A static library of the project that a guest links.

#include "greeting.h"

#include <vmbase/console.h>

void greet(void)
{
	vmbase_println("1..1");
	vmbase_println("ok 1");
}
