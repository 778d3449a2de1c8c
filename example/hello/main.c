// SPDX-License-Identifier: Apache-2.0

#include <vmbase/console.h>
#include <vmbase/main.h>

static void hello(void)
{
	vmbase_println("Hello world");
}

VMBASE_MAIN(hello);
