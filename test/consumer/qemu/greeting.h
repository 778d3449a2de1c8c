// SPDX-License-Identifier: Apache-2.0

#ifndef GREETING_H
#define GREETING_H

// Prints what vmbase-run --tap takes for one test that passed.
void greet(void);

#endif
