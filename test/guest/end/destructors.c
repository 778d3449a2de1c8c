// SPDX-License-Identifier: Apache-2.0

// Destructors run, without atexit() or exit(), when the main function returns.

#include <vmbase/console.h>
#include <vmbase/main.h>

__attribute__((destructor)) static void destructor(void)
{
	vmbase_println("destructor");
}

static void guest(void)
{
	vmbase_println("main");
}

VMBASE_MAIN(guest);
