// SPDX-License-Identifier: Apache-2.0

// The vectors in force while nothing can be reported: from the first instructions until the map is built,
// and again while a crash report is made. They need no stack and no memory but their own code.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "../smccc/smccc.h"
#include "boot.h"

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

// Whatever is taken from EL1, the VM resets. From EL0 nothing comes: nothing runs there that early.
	.section .text.vectors.early.0, "ax", %progbits
	.balign 2048
	.global vmb_early_vectors
vmb_early_vectors:
	b	vmb_early_exception

// Platform `any` has a vmb_early_exception of its own.
	.weak vmb_early_exception
vmb_early_exception:
	mrs	x1, elr_el1

// Where nobody takes HVC, or SMC, the instruction itself is undefined, and lands here again: on goes what follows it.
// In: x1 the instruction's address.
	.global vmb_early_reset
vmb_early_reset:
	adr	x0, reset_by_hvc
	cmp	x0, x1
	b.eq	1f
	adr	x0, reset_by_smc
	cmp	x0, x1
	b.eq	vmb_halt

// [[noreturn]] void vmb_reset(void)
// In: nothing, not even a stack. Used by boot code and by the vectors above.
	.global vmb_reset
	.type vmb_reset, %function
vmb_reset:
	mov_imm32 w0, PSCI_SYSTEM_RESET
reset_by_hvc:
	hvc	#0
	.global vmb_reset_by_smc
vmb_reset_by_smc:
1:	mov_imm32 w0, PSCI_SYSTEM_RESET
reset_by_smc:
	smc	#0
	.if	reset_by_smc - vmb_reset_by_smc != RESET_BY_SMC_CALL
	.error	"RESET_BY_SMC_CALL is wrong"
	.endif
	.size vmb_reset, . - vmb_reset

// [[noreturn]] void vmb_halt(void)
// In: nothing, not even a stack.
	.global vmb_halt
	.type vmb_halt, %function
vmb_halt:
	bti	c
	msr	daifset, #DAIF_ALL
1:	wfi
	b	1b
	.size vmb_halt, . - vmb_halt

	.irp number, 1, 2, 3, 4, 5, 6, 7
	early_slot \number
	.endr
