// SPDX-License-Identifier: Apache-2.0

#include "../arch/asm.h"

// int *vmbase_errno_location(void)
// Out: x0, the address of this thread's errno. Clobbers: x0. Stack: none.
//
// What <errno.h> calls errno in a guest. Compilers know malloc() and strdup() as functions that change nothing that
// the program could see, errno included, and would go on with the value before the call. The address that comes
// out of a call of assembly is one that they know nothing of, even when they see the whole program.
func vmbase_errno_location
	mrs	x0, tpidr_el0
	add	x0, x0, #:tprel_hi12:errno, lsl #12
	add	x0, x0, #:tprel_lo12_nc:errno
	ret
endfunc vmbase_errno_location
