// SPDX-License-Identifier: Apache-2.0

// Returns to EL2, where the VMM entered the guest. el2_program.S prints the last test and the plan.

#include "../guest/support/tap.h"

#include <vmbase/el2.h>
#include <vmbase/main.h>
#include <vmbase/smccc.h>

#define UART 0x09000000

extern const char el2_program[];

static void el2(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	enum vmbase_error error;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	// A VMM with PSCI calls by SMC enters at EL2.
	if (!vmbase_el2_is_below() && vmbase_smccc_conduit == VMBASE_SMCCC_HVC) {
		vmbase_println("1..0 # SKIP the VMM entered at EL1");
		return;
	}
	tap_ok(vmbase_el2_is_below(), "the VMM entered at EL2");
	error = vmbase_el2_enter(vmbase_phys_at((uintptr_t)el2_program + 2), 0, 0, 0, 0);
	tap_ok(error == VMBASE_ERROR_INVALID_ADDRESS, "a misaligned entry point is refused");
	error = vmbase_el2_enter(vmbase_phys_at((uintptr_t)el2_program), UART, 1, 2, 3);
	vmbase_println("not ok 3 - %s", vmbase_error_name(error));
	tap_done();
}

VMBASE_MAIN(el2);
