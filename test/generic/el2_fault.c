// SPDX-License-Identifier: Apache-2.0

// Starts a program that faults at EL2 and has installed no vectors.

#include <vmbase/console.h>
#include <vmbase/el2.h>
#include <vmbase/main.h>

extern const char el2_fault_program[];

static void el2_fault(void)
{
	vmbase_println("before");
	(void)vmbase_el2_enter(vmbase_phys_at((uintptr_t)el2_fault_program), 0, 0, 0, 0);
	vmbase_println("after");
}

VMBASE_MAIN(el2_fault);
