// SPDX-License-Identifier: Apache-2.0

// Ending the VM, through PSCI (Arm DEN 0022, issue F) by the conduit of <vmbase/smccc.h>.
//
// C's exit() runs what atexit() was given and destructors, and then powers the VM off for the status 0, or
// prints any other status as a line "# vmbase: exit status 3" and resets. The functions here run nothing.

#ifndef VMBASE_POWER_H
#define VMBASE_POWER_H

#ifdef __cplusplus
extern "C" {
#endif

// Powers the VM off: PSCI SYSTEM_OFF (DEN 0022, SYSTEM_OFF). The VMM sees a regular end of the guest.
//
// May be called from anywhere, handlers included. Does not return: where the hypervisor refuses, the
// CPU waits for ever with interrupts masked.
__attribute__((noreturn)) void vmbase_shutdown(void);

// Resets the VM: PSCI SYSTEM_RESET (DEN 0022, SYSTEM_RESET). By upstream's convention this is how a guest says
// that something went wrong: every default exception handler ends with it, and every panic, unless the guest
// has chosen another end (VMBASE_CRASH_END in <vmbase/panic.h>). vmbase-run tells a reset that follows a crash
// report from one that does not.
//
// May be called from anywhere, handlers included. Does not return, as vmbase_shutdown().
__attribute__((noreturn)) void vmbase_reboot(void);

#ifdef __cplusplus
}
#endif

#endif
