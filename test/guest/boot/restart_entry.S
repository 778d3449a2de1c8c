// SPDX-License-Identifier: Apache-2.0

// [[noreturn]] void enter_again(uint64_t arg0, uint64_t mark)
// In: x0, and in x1 the value of x3 at the entry point.
	.section .text.enter_again, "ax", %progbits
	.global enter_again
enter_again:
	msr	daifset, #0xf	// as the boot protocol requires
	mov	x3, x1
	mov	x1, xzr
	mov	x2, xzr
	// QEMU has no caches that could lose a write, so it is enough to turn the MMU off.
	mrs	x9, sctlr_el1
	bic	x9, x9, #1
	bic	x9, x9, #(1 << 2)
	msr	sctlr_el1, x9
	isb
	adrp	x9, _start
	add	x9, x9, :lo12:_start
	br	x9
