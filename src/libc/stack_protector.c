// SPDX-License-Identifier: Apache-2.0

// What code compiled with -fstack-protector calls for.

#include "stack_protector.h"

#include <vmbase/console.h>
#include <vmbase/entropy.h>
#include <vmbase/power.h>

#include <stdint.h>

extern uint64_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

// The first byte in memory stays 0, so that no string operation reads or writes across the guard unnoticed.
#define GUARD_MASK (~UINT64_C(0xff))

// In force until there is entropy, and for good where there is none.
uint64_t __stack_chk_guard = UINT64_C(0x5bd1e995a7c3f1c5) & GUARD_MASK;

// Not protected itself: it changes the guard between its own beginning and end.
__attribute__((no_stack_protector)) void vmb_stack_protector_init(void)
{
	uint64_t guard;

	if (vmbase_entropy_fill(&guard, sizeof(guard)) != VMBASE_OK) {
		vmbase_println("vmbase: no entropy, the stack protector's guard is the same at every boot");
		return;
	}
	__stack_chk_guard = guard & GUARD_MASK;
}

void __stack_chk_fail(void)
{
	vmbase_eprintln("stack smashing detected in the function that returns to %p",
			__builtin_return_address(0));
	vmbase_reboot();
}
