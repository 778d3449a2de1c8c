// SPDX-License-Identifier: Apache-2.0

// Return to EL2, for a guest of platform `generic` that the VMM entered at EL2, such as a bootloader whose
// kernel wants to be entered at EL2.
//
// vmbase itself runs at EL1. When the boot leaves EL2, it installs vectors there (VBAR_EL2), in the image.
// These vectors answer HVC:
//
//     x0 = VMBASE_EL2_CALL_ENTER   goes to the address in x1, with x2 to x5 in x0 to x3; does not return
//     any other x0                 returns -1 in x0, the SMC Calling Convention's NOT_SUPPORTED (Arm DEN 0028)
//
// The first call is Linux's HVC_SOFT_RESTART (Documentation/virt/kvm/arm/hyp-abi.rst) with one argument more.
// The MMU is off at EL2. EL1 has the same features as in a VM that begins at EL1: of the features that EL2 can
// trap (Arm DDI 0487, issue L.a), only FEAT_SPMU, FEAT_STEP2 and FEAT_Debugv8p9 stay trapped. Any other
// exception that goes to EL2 is given to EL1, as if EL2 did not exist, and gives a crash report. A fault at
// EL2, before a program there has set VBAR_EL2, ends the VM as VMBASE_CRASH_END of <vmbase/panic.h> says.
//
// A CPU that PSCI turns on later begins where firmware starts it: at EL2, without these vectors.

#ifndef VMBASE_EL2_H
#define VMBASE_EL2_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMBASE_EL2_CALL_ENTER 1

// Returns whether the VMM entered the boot CPU at EL2.
//
// Context: any
bool vmbase_el2_is_below(void);

// Enters a program at EL2, at the physical address `entry`, with the arguments in x0 to x3, the MMU off, and
// DAIF masked. The program reads memory without caches: before the call, clean the memory that it needs to the
// Point of Coherency. Call this function on the boot CPU. Returns only with an error.
//
// Context: main
// Errors:
//   VMBASE_ERROR_UNSUPPORTED       if the VMM entered the boot CPU at EL1
//   VMBASE_ERROR_INVALID_ADDRESS   if entry is not a multiple of 4
//   VMBASE_ERROR_INTERNAL_FAILURE  if the vectors at EL2 have been replaced
enum vmbase_error vmbase_el2_enter(struct vmbase_phys entry, uint64_t arg0, uint64_t arg1, uint64_t arg2,
				   uint64_t arg3);

#ifdef __cplusplus
}
#endif

#endif
