// SPDX-License-Identifier: Apache-2.0

// The vectors in force while nothing can be reported: from the first instructions until the map is built,
// and again while a crash report is made. They need no stack and no memory but their own code.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "../smccc/smccc_call.h"
#include "early_vectors.h"

// Loads the PSCI call that ends the VM after a crash: its number is the symbol's value, and 0 is none.
.macro crash_end_w0
	movz	w0, #:abs_g0:vmbase_crash_end
	cbz	w0, vmb_halt
	movk	w0, #(PSCI_BASE >> 16), lsl #16
.endm

// A slot of 128 bytes, in a section of its own, so that sections.ld can fill the rest of the slot.
.macro early_slot number
	.section .text.vectors.early.\number, "ax", %progbits
	.balign 128
	.type vmb_early_slot_\number, %function
	.global vmb_early_slot_\number
vmb_early_slot_\number:
	b	vmb_early_vectors
	.size vmb_early_slot_\number, . - vmb_early_slot_\number
.endm

// Any exception from EL1 ends the VM. From EL0 nothing comes: nothing runs there that early.
	.section .text.vectors.early.0, "ax", %progbits
	.balign 2048
	.global vmb_early_vectors
vmb_early_vectors:
	b	vmb_early_exception

// Platform `generic` has a vmb_early_exception of its own.
	.weak vmb_early_exception
vmb_early_exception:
	mrs	x1, elr_el1

// Where HVC, or SMC, is undefined, the instruction lands here again: the next one after it has its turn.
// In: x1 the instruction's address.
	.global vmb_early_end
vmb_early_end:
	adr	x0, end_by_hvc
	cmp	x0, x1
	b.eq	1f
	adr	x0, end_by_smc
	cmp	x0, x1
	b.eq	vmb_halt

// [[noreturn]] void vmb_give_up(void)
// In: nothing, not even a stack. The end of a crash report, of a boot that cannot go on, and of an exception in either.
	.global vmb_give_up
	.type vmb_give_up, %function
vmb_give_up:
	crash_end_w0
end_by_hvc:
	hvc	#0
	.global vmb_give_up_by_smc
vmb_give_up_by_smc:
1:	crash_end_w0
end_by_smc:
	smc	#0
	.if	end_by_smc - vmb_give_up_by_smc != GIVE_UP_BY_SMC_CALL
	.error	"GIVE_UP_BY_SMC_CALL is wrong"
	.endif
	.size vmb_give_up, . - vmb_give_up

	.irp number, 1, 2, 3, 4, 5, 6, 7
	early_slot \number
	.endr
