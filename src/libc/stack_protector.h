// SPDX-License-Identifier: Apache-2.0

// The initialisation of the stack protector.

#ifndef VMB_STACK_PROTECTOR_H
#define VMB_STACK_PROTECTOR_H

// Sets the guard value of -fstack-protector. Called once at boot, after the console is ready, from a function
// that never returns: a function that returns would find that its guard has changed.
void vmb_stack_protector_init(void);

#endif
