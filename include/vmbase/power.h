// SPDX-License-Identifier: Apache-2.0

// Power-off and reset of the VM, by PSCI (Arm DEN 0022, issue F) and the conduit of <vmbase/smccc.h>.
//
// C's exit() runs the functions that atexit() was given and the destructors. Then, for the status 0, exit()
// powers the VM off; for any other status it prints a line "# vmbase: exit status 3" and resets the VM. The
// functions here run no other function.

#ifndef VMBASE_POWER_H
#define VMBASE_POWER_H

#ifdef __cplusplus
extern "C" {
#endif

// Powers the VM off (DEN 0022, SYSTEM_OFF). The VMM sees a regular end of the guest. Does not return: if the
// hypervisor refuses, the CPU waits for ever with interrupts masked.
//
// Context: any
__attribute__((noreturn)) void vmbase_shutdown(void);

// Resets the VM (DEN 0022, SYSTEM_RESET). By upstream's convention a guest reports a failure in this way: the
// default exception handlers and panics end with a reset, unless the guest has chosen another end
// (VMBASE_CRASH_END in <vmbase/panic.h>). vmbase-run distinguishes a reset after a crash report from any other
// reset. Does not return, as vmbase_shutdown().
//
// Context: any
__attribute__((noreturn)) void vmbase_reboot(void);

#ifdef __cplusplus
}
#endif

#endif
