// SPDX-License-Identifier: Apache-2.0

#include <vmbase/console.h>
#include <vmbase/main.h>

static void hello(void)
{
	vmbase_println("1..1");
	vmbase_println("ok 1");
}

VMBASE_MAIN(hello);
