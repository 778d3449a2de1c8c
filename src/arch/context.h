// SPDX-License-Identifier: Apache-2.0

// Whether main or a handler runs.

#ifndef VMB_CONTEXT_H
#define VMB_CONTEXT_H

#include <stdbool.h>

// Whether the CPU runs a handler, on SP_EL1, and has interrupted who knows what. Main runs on SP_EL0.
bool vmb_in_handler(void);

#endif
