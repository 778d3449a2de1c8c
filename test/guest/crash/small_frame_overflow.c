// SPDX-License-Identifier: Apache-2.0

// The frames consist only of a frame record. The store that makes a frame changes the stack pointer only if
// it succeeds: at the fault the stack pointer is still inside the stack.

#include "crash.h"

void recurse(void);

__asm__("recurse:\n"
	"	stp	x29, x30, [sp, #-16]!\n"
	"	mov	x29, sp\n"
	"	bl	recurse\n");

static void crash(void)
{
	recurse();
}

CRASH(crash);
