// SPDX-License-Identifier: Apache-2.0

// Whether main or a handler runs.

#ifndef VMB_CONTEXT_H
#define VMB_CONTEXT_H

#include <stdbool.h>

// Whether the CPU runs a handler: handlers run on SP_EL1, main on SP_EL0. A handler may have interrupted any
// code.
bool vmb_in_handler(void);

#endif
