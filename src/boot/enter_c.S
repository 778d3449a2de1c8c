// SPDX-License-Identifier: Apache-2.0

// From the first instruction with caches on to the first C function, and from C to main.

#include "../arch/asm.h"

// [[noreturn]] void vmb_enter_c(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
// In: x0 to x3 the boot arguments, x24 and x23 what vmb_platform_map() takes, on platform `generic`; MMU and caches on.
// Makes what compiled code relies on: variables, stacks, the map, vectors.
func vmb_enter_c
	// Keep the arguments where a call does not touch them.
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3

	// .bss, and the initial values of .data out of the image, where they are never written.
	adr_l	x0, vmb_bss_begin
	adr_l	x1, vmb_bss_end
	bl	vmb_zero
	adr_l	x9, vmb_data_begin
	adr_l	x10, vmb_data_end
	adr_l	x11, vmb_data_load
1:	cmp	x9, x10
	b.hs	2f
	ldp	x12, x13, [x11], #16
	stp	x12, x13, [x9], #16
	b	1b
2:
	// Main on SP_EL0, exceptions on SP_EL1. Frame records end at a frame pointer of zero.
	msr	spsel, #1
	adr_l	x9, vmb_exception_stack_end
	mov	sp, x9
	msr	spsel, #0
	adr_l	x9, vmb_main_stack_end
	mov	sp, x9
	mov	x29, xzr

	// Thread-local variables: there is one thread, and its block lies in .data and .bss.
	adr_l	x9, vmb_thread_pointer
	msr	tpidr_el0, x9

	mov	x0, x24
	mov	x1, x23
	bl	vmb_platform_map

	// From here on exceptions have handlers.
	adr_l	x9, vmb_vectors
	msr	vbar_el1, x9
	isb

	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	mov	x3, x22
	mov	x30, xzr
	b	vmb_start
endfunc vmb_enter_c

// void vmb_call_main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
// In: x0 to x3 the boot arguments. Clobbers: x16, and what a C function may. Called by BL only, so it needs no BTI.
// Calls the function that VMBASE_MAIN named. It may take no arguments: a C call with four would then be undefined, but
// the procedure call standard lets a function ignore x0 to x3 (AAPCS64 2023Q3, Parameter passing).
	.global vmb_call_main
	.type vmb_call_main, %function
vmb_call_main:
	adrp	x16, vmbase_main
	ldr	x16, [x16, #:lo12:vmbase_main]
	br	x16
	.size vmb_call_main, . - vmb_call_main
