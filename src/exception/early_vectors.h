// SPDX-License-Identifier: Apache-2.0

// The vectors that end the VM, and the ways to end it that need no stack.

#ifndef VMB_EARLY_VECTORS_H
#define VMB_EARLY_VECTORS_H

// Offset in bytes of the SMC in vmb_give_up_by_smc.
#define GIVE_UP_BY_SMC_CALL 12

#ifndef __ASSEMBLER__

// Ends the VM as VMBASE_CRASH_END() of <vmbase/panic.h> says. Needs no stack.
_Noreturn void vmb_give_up(void);

// Vectors that end the VM in the same way, for VBAR_EL1.
extern const char vmb_early_vectors[];

#endif

#endif
