// SPDX-License-Identifier: Apache-2.0

// The guest's choice of how a crash ends.

#include <vmbase/panic.h>

VMBASE_CRASH_END(CRASH_END);
