// SPDX-License-Identifier: Apache-2.0

#ifndef VMB_STACK_PROTECTOR_H
#define VMB_STACK_PROTECTOR_H

// Fills the guard that -fstack-protector compares. Called once at boot, with the console ready, from a function
// that never returns: one that did would find another guard than it had put on the stack.
void vmb_stack_protector_init(void);

#endif
