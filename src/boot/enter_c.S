// SPDX-License-Identifier: Apache-2.0

// From the first instruction with caches on to the first C function, and from C to main.

#include "../arch/asm.h"

// [[noreturn]] void vmb_enter_c(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
// Sets up all that compiled code needs: variables, stacks, the map, vectors.
// In: x0 to x3 the boot arguments; on platform `generic`, x24 and x23 the arguments of vmb_platform_map(). MMU and
// caches are on.
func vmb_enter_c
	// Keep the arguments in registers that calls preserve.
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3

	// Zero .bss. Copy the initial values of .data from the image, which is never written.
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
	// Main runs on SP_EL0, handlers on SP_EL1. A frame pointer of 0 ends the chain of frame records.
	msr	spsel, #1
	adr_l	x9, vmb_exception_stack_end
	mov	sp, x9
	msr	spsel, #0
	adr_l	x9, vmb_main_stack_end
	mov	sp, x9
	mov	x29, xzr

	// Thread-local variables: there is one thread. Its block is part of .data and .bss.
	adr_l	x9, vmb_thread_pointer
	msr	tpidr_el0, x9

	mov	x0, x24
	mov	x1, x23
	bl	vmb_platform_map

	// From here on handlers take exceptions.
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
// Calls the function that VMBASE_MAIN named. That function may have no parameters: a C call with four arguments would then
// be undefined, but the procedure call standard lets a function ignore x0 to x3 (AAPCS64 2023Q3, Parameter passing).
// In: x0 to x3 the boot arguments. Clobbers: x16, and all that a C function may clobber. Called by BL only, so it needs
// no BTI.
	.global vmb_call_main
	.type vmb_call_main, %function
vmb_call_main:
	adrp	x16, vmbase_main
	ldr	x16, [x16, #:lo12:vmbase_main]
	br	x16
	.size vmb_call_main, . - vmb_call_main
