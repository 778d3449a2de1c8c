// SPDX-License-Identifier: Apache-2.0

// The address of errno.

#include "../arch/asm.h"

// int *vmbase_errno_location(void)
// Out: x0, the address of this thread's errno. Clobbers: x0. Stack: none.
//
// <errno.h> uses this for errno in a guest. Compilers assume that malloc() and strdup() do not change errno,
// and would use the value from before the call. Compilers know nothing about an address that an assembly
// function returns, even in a link-time optimisation, so they read errno again.
func vmbase_errno_location
	mrs	x0, tpidr_el0
	add	x0, x0, #:tprel_hi12:errno, lsl #12
	add	x0, x0, #:tprel_lo12_nc:errno
	ret
endfunc vmbase_errno_location
