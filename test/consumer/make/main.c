// SPDX-License-Identifier: Apache-2.0

// A guest that make and pkg-config build.

#include <vmbase/console.h>
#include <vmbase/main.h>

static void hello(void)
{
	vmbase_println("1..1");
	vmbase_println("ok 1");
}

VMBASE_MAIN(hello);
