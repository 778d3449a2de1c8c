// SPDX-License-Identifier: Apache-2.0

// A guest of a project that has a static library of its own.

#include "greeting.h"

#include <vmbase/main.h>

static void hello(void)
{
	greet();
}

VMBASE_MAIN(hello);
