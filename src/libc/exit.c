// SPDX-License-Identifier: Apache-2.0

// exit() and its kin: see doc on what C's library does in a guest. The status 0 powers the VM off; any other
// one resets it, as upstream's convention has it for what went wrong.

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
