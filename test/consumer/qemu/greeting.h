// SPDX-License-Identifier: Apache-2.0

// The interface of greeting.c.

#ifndef GREETING_H
#define GREETING_H

// Prints the TAP lines of one test that passed.
void greet(void);

#endif
