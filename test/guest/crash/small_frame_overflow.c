// SPDX-License-Identifier: Apache-2.0

// Frames of nothing but a frame record. The store that makes one moves the stack pointer only if it succeeds:
// the fault finds it where it was, in the stack.

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
