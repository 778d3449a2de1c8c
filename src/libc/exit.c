// SPDX-License-Identifier: Apache-2.0

// The ends of a program. The status 0 powers the VM off, and any other one resets it, which by upstream's
// convention says that something went wrong.

#include "exit.h"

#include <vmbase/console.h>
#include <vmbase/power.h>

#include <stdlib.h>
#include <unistd.h>

__attribute__((weak)) _Noreturn void _exit(int status)
{
	if (status == EXIT_SUCCESS) {
		vmbase_shutdown();
	}
	// The host sees a reset, whatever the status was.
	vmbase_println("# vmbase: exit status %d", status);
	vmbase_reboot();
}

__attribute__((weak)) _Noreturn void _Exit(int status)
{
	_exit(status);
}

// The streams have no buffers that would have to be flushed.
__attribute__((weak)) _Noreturn void exit(int status)
{
	vmb_run_destructors();
	_exit(status);
}
