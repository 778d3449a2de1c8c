// SPDX-License-Identifier: Apache-2.0

// A guest of a project that describes its machine itself.

#include <vmbase/console.h>
#include <vmbase/main.h>

VMBASE_CONSOLE_PL011(0x09000000);

static void hello(void)
{
	vmbase_println("1..1");
	vmbase_println("ok 1");
}

VMBASE_MAIN(hello);
