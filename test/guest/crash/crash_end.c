// SPDX-License-Identifier: Apache-2.0

// How a guest says what comes after a crash.

#include <vmbase/panic.h>

VMBASE_CRASH_END(CRASH_END);
