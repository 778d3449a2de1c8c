// SPDX-License-Identifier: Apache-2.0

// What code compiled with -fstack-protector calls for.

#include <vmbase/console.h>
#include <vmbase/power.h>

#include <stdint.h>

extern uint64_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

// Its first byte in memory is 0, so that no string operation reads or writes across it unnoticed.
uint64_t __stack_chk_guard = UINT64_C(0x5bd1e995a7c3f100);

void __stack_chk_fail(void)
{
	vmbase_eprintln("stack smashing detected in the function that returns to %p",
			__builtin_return_address(0));
	vmbase_reboot();
}
