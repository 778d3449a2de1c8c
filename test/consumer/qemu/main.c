// SPDX-License-Identifier: Apache-2.0

#include "greeting.h"

#include <vmbase/main.h>

static void hello(void)
{
	greet();
}

VMBASE_MAIN(hello);
