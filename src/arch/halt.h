// SPDX-License-Identifier: Apache-2.0

// The last resort of code that cannot go on: the CPU stops, and the VM stays.

#ifndef VMB_HALT_H
#define VMB_HALT_H

// Waits for ever with interrupts masked. Needs no stack.
_Noreturn void vmb_halt(void);

#endif
