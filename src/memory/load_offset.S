// SPDX-License-Identifier: Apache-2.0

#include "../arch/asm.h"

// uintptr_t vmb_load_offset(void)
// Out: x0 what to add, modulo 2^64, to an address as it was linked. Clobbers: x1. Stack: none.
func vmb_load_offset
	adr_l	x0, vmb_text_begin
	ldr	x1, 1f
	sub	x0, x0, x1
	ret
	.balign 8
	// An absolute symbol: nothing relocates it.
1:	.quad	vmb_linked_address
endfunc vmb_load_offset
