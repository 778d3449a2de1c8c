// SPDX-License-Identifier: Apache-2.0

// The way back to EL2, for a guest of platform `generic` that a VMM entered there: what a bootloader does for a
// kernel that wants to be at EL2.
//
// vmbase itself runs at EL1. On its way down it leaves vectors at EL2 (VBAR_EL2), in the image, which answer
// HVC:
//
//     x0 = VMBASE_EL2_CALL_ENTER   goes to the address in x1, with x2 to x5 in x0 to x3; does not return
//     any other x0                 returns -1 in x0, the SMC Calling Convention's NOT_SUPPORTED (Arm DEN 0028)
//
// The first is the call HVC_SOFT_RESTART of Linux (Documentation/virt/kvm/arm/hyp-abi.rst), with an argument
// more. The MMU is off at EL2. EL1 has what a VM that begins at EL1 has: of the features that the Arm ARM (DDI
// 0487, issue L.a) lets EL2 trap, only FEAT_SPMU, FEAT_STEP2 and FEAT_Debugv8p9 stay trapped. EL1 takes any
// other exception to EL2 as if there were no EL2: the result is a crash report. A fault at EL2 before a program
// there has set VBAR_EL2 ends the VM as VMBASE_CRASH_END of <vmbase/panic.h> says.
//
// CPUs that are turned on later by PSCI begin where firmware has them begin: at EL2, without those vectors.

#ifndef VMBASE_EL2_H
#define VMBASE_EL2_H

#include <vmbase/error.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMBASE_EL2_CALL_ENTER 1

// Whether the VMM entered this CPU, the first one, at EL2. Any context.
bool vmbase_el2_is_below(void);

// Goes to EL2 for good, to the physical address `entry`, with these in x0 to x3, the MMU off, and DAIF masked.
// The program there reads memory without a cache that this one wrote to: clean what it needs to the Point of
// Coherency before. From main's context on the first CPU. Returns only with an error.
//
// VMBASE_ERROR_UNSUPPORTED        the VMM entered at EL1
// VMBASE_ERROR_INVALID_ADDRESS    entry is no multiple of 4
enum vmbase_error vmbase_el2_enter(uint64_t entry, uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

#ifdef __cplusplus
}
#endif

#endif
