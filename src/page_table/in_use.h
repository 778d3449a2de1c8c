// SPDX-License-Identifier: Apache-2.0

// The memory that the running code needs. No change of a map may remove it. Host tests replace this function.

#ifndef VMB_IN_USE_H
#define VMB_IN_USE_H

#include <vmbase/layout.h>

// A range and the running code's use of it.
enum vmb_use { VMB_USE_EXECUTE, VMB_USE_READ, VMB_USE_WRITE };
struct vmb_in_use {
	struct vmbase_range range;
	enum vmb_use use;
};
#define VMB_IN_USE_COUNT 6
#define VMB_IN_USE_STACK 5 // the entry for the stack in use
void vmb_in_use(struct vmb_in_use in_use[VMB_IN_USE_COUNT]);

#endif
