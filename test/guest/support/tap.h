// SPDX-License-Identifier: Apache-2.0

// TAP on the console, for guests that test themselves: vmbase-run --tap reads it.

#ifndef TAP_H
#define TAP_H

#include <vmbase/console.h>

#include <stdbool.h>

static int tap_tests;

static inline void tap_ok(bool passed, const char *name)
{
	vmbase_println("%sok %d - %s", passed ? "" : "not ", ++tap_tests, name);
}

// The plan comes last: a guest that stops early does not print it.
static inline void tap_done(void)
{
	vmbase_println("1..%d", tap_tests);
}

#endif
