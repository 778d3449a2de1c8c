// SPDX-License-Identifier: Apache-2.0

// The vectors that are in use while nothing can be reported: from the first instructions until the boot map is in use
// and the boot installs main's vectors, and while a crash report is printed. They need no stack, and no memory except
// their own code.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "../smccc/smccc_call.h"
#include "early_vectors.h"

// Loads the PSCI call that ends the VM after a crash: the symbol's value is its number, or 0 to halt.
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

// Any exception out of EL1 ends the VM. No code runs at EL0.
	.section .text.vectors.early.0, "ax", %progbits
	.balign 2048
	.global vmb_early_vectors
vmb_early_vectors:
	b	vmb_early_exception

// Platform `generic` defines its own vmb_early_exception.
	.weak vmb_early_exception
vmb_early_exception:
	mrs	x1, elr_el1

// Ends the VM after an exception. If the HVC below caused the exception, because HVC is undefined, SMC is tried next. If
// the SMC caused it, the CPU halts.
// In: x1 the address of the instruction that caused the exception.
	.global vmb_early_end
vmb_early_end:
	adr	x0, end_by_hvc
	cmp	x0, x1
	b.eq	1f
	adr	x0, end_by_smc
	cmp	x0, x1
	b.eq	vmb_halt

// [[noreturn]] void vmb_give_up(void)
// In: nothing, not even a stack. Ends a crash report, a boot that cannot go on, and an exception in one of these.
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
