// SPDX-License-Identifier: Apache-2.0

// Starts a program at EL2 that traps reads of ID registers by EL1. The vectors at EL2 do not handle these
// traps.

#include <vmbase/el2.h>
#include <vmbase/main.h>

extern const char el2_trap_program[];

static void el2_trap(void)
{
	// The program returns to the instruction after the call.
	(void)vmbase_el2_enter(vmbase_phys_at((uintptr_t)el2_trap_program), 0, 0, 0, 0);
	__asm__ volatile("mrs x0, id_aa64pfr0_el1" : : : "x0");
}

VMBASE_MAIN(el2_trap);
