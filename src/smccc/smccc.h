// SPDX-License-Identifier: Apache-2.0

// Calls to the hypervisor by the SMC Calling Convention (Arm DEN 0028, issue E), HVC conduit.

#ifndef VMB_SMCCC_H
#define VMB_SMCCC_H

// PSCI function IDs (Arm DEN 0022, issue F, Function prototypes)
#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009

#ifndef __ASSEMBLER__

#include <stdint.h>

// Makes a call and returns what it leaves in x0. To the compiler it is any other external function: all
// memory may have changed when it returns.
uint64_t vmb_hvc(uint64_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3);

#endif

#endif
