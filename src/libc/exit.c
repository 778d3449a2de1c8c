// SPDX-License-Identifier: Apache-2.0

// Ends a program: exit(), _exit() and _Exit(). The status 0 powers the VM off. Any other status resets the VM,
// which means a failure by upstream's convention.

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
	// The host sees only a reset, so print the status.
	vmbase_println("# vmbase: exit status %d", status);
	vmbase_reboot();
}

__attribute__((weak)) _Noreturn void _Exit(int status)
{
	_exit(status);
}

// The streams have no buffers, so there is nothing to flush.
__attribute__((weak)) _Noreturn void exit(int status)
{
	vmb_run_destructors();
	_exit(status);
}
