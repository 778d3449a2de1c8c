// SPDX-License-Identifier: Apache-2.0

// The smallest guest: prints a line and powers the VM off.

#include <vmbase/console.h>
#include <vmbase/main.h>

static void hello(void)
{
	vmbase_println("Hello world");
}

VMBASE_MAIN(hello);
