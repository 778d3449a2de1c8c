// SPDX-License-Identifier: Apache-2.0

// Has a program at EL2 trap EL1's reads of ID registers, of which the vectors at EL2 know nothing.

#include <vmbase/el2.h>
#include <vmbase/main.h>

extern const char el2_trap_program[];

static void el2_trap(void)
{
	// It returns to the instruction after the call.
	(void)vmbase_el2_enter(vmbase_phys_at((uintptr_t)el2_trap_program), 0, 0, 0, 0);
	__asm__ volatile("mrs x0, id_aa64pfr0_el1" : : : "x0");
}

VMBASE_MAIN(el2_trap);
