// SPDX-License-Identifier: Apache-2.0

// The boot from the first C function to main.

#ifndef VMB_BOOT_H
#define VMB_BOOT_H

#include <stdint.h>

// The part of the boot that is C. Called once, from enter_c.S, with x0 to x3 as they were at reset.
_Noreturn void vmb_start(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// Calls the guest's main function. In assembly, since main takes these four arguments or no argument.
void vmb_call_main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

#endif
