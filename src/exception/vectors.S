// SPDX-License-Identifier: Apache-2.0

// The vectors that are in use while main runs. Each one saves a struct vmb_frame on the exception stack, calls its
// handler with the frame, and restores the registers from it. Unused slots contain the code that all vectors share.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "frame.h"
#include "frame_cfi.h"

	// The library is compiled without these where possible, but the interrupted code may use them.
	.arch_extension fp
	.arch_extension simd

// Begins a slot of the table: 32 instructions at most, since .org cannot move backwards.
.macro slot
	.org vmb_vectors + 128 * slot_number
	.set slot_number, slot_number + 1
.endm

// An exception out of code that ran on SP_EL0, or out of EL0. SP_EL1 is then where the last handler left it. If it is
// bad, the first store faults, and nested_vector takes that exception.
.macro vector handler
	slot
	.weak	\handler	// sections.ld has the message for a missing handler
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp, #FRAME_X(0)]
	mrs	x0, sp_el0
	stp	x30, x0, [sp, #FRAME_X30_SP]
	frame_save
.Lsaved\@:
	bl	\handler
	restore_status
	ldr	x2, [sp, #FRAME_SP]
	msr	sp_el0, x2
	b	restore
.Lslot_end\@:
	frame_fde .Lsaved\@, .Lslot_end\@
.endm

// An exception out of a handler. If the stack had no room for the frame, the first store would fault for ever. So the
// stack pointer is checked first. TPIDR_EL1 is the only free register for that; no other code uses it.
.macro nested_vector handler
	slot
	sub	sp, sp, #FRAME_SIZE
	msr	tpidr_el1, x0
	adrp	x0, vmb_exception_stack_begin
	sub	x0, sp, x0
	lsr	x0, x0, #EXCEPTION_STACK_SHIFT
	cbnz	x0, exception_stack_overflow
	mrs	x0, tpidr_el1
	stp	x0, x1, [sp, #FRAME_X(0)]
	add	x0, sp, #FRAME_SIZE
	stp	x30, x0, [sp, #FRAME_X30_SP]
	frame_save
.Lsaved\@:
	bl	\handler
	restore_status
	b	restore
.Lslot_end\@:
	frame_fde .Lsaved\@, .Lslot_end\@
.endm

// The first part of `restore`, whose slot has no room for it.
.macro restore_status
	ldp	x2, x3, [sp, #FRAME_FPCR_FPSR]
	msr	fpcr, x2
	msr	fpsr, x3
.endm

// A slot for exceptions out of EL0 in AArch32 state, which cannot happen. The rest of the slot is free for code.
.macro unused_vector
	slot
	b	vmb_give_up
.endm

	frame_cie

// The table (DDI 0487, issue K.a, Exception vectors):
//
//           exception out of        synchronous          IRQ          FIQ          SError
//   0x000   main, on SP_EL0         vector               vector       vector       vector
//   0x200   a handler, on SP_EL1    nested_vector        nested_...   nested_...   nested_...
//   0x400   EL0                     vector               vector       vector       vector
//   0x600   EL0, AArch32 state      vmb_frame_save       restore      overflow     (free)
//
// Each vector of the last row begins with a branch to vmb_give_up; the code after it is a function for the others.
	.section .text.vectors, "ax", %progbits
	.balign 2048
	.global vmb_vectors
vmb_vectors:
	.set slot_number, 0
	vector	sync_exception_current
	vector	irq_current
	vector	fiq_current
	vector	serr_current
	nested_vector sync_exception_current
	nested_vector irq_current
	nested_vector fiq_current
	nested_vector serr_current
	vector	sync_lower
	vector	irq_lower
	vector	fiq_lower
	vector	serr_lower
	unused_vector

// Saves the registers that the frame_save macro has not saved yet, and continues the chain of frame records through
// the exception. In: sp frame. Out: x0 frame, x29 its record. Clobbers: x2-x5.
	.global vmb_frame_save
vmb_frame_save:
	stp	x14, x15, [sp, #FRAME_X(14)]
	stp	x16, x17, [sp, #FRAME_X(16)]
	stp	x18, x19, [sp, #FRAME_X(18)]
	stp	x20, x21, [sp, #FRAME_X(20)]
	stp	x22, x23, [sp, #FRAME_X(22)]
	stp	x24, x25, [sp, #FRAME_X(24)]
	stp	x26, x27, [sp, #FRAME_X(26)]
	stp	x28, x29, [sp, #FRAME_X(28)]

	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x2, x3, [sp, #FRAME_ELR_SPSR]
	mrs	x4, esr_el1
	mrs	x5, far_el1
	stp	x4, x5, [sp, #FRAME_ESR_FAR]
	mrs	x4, fpcr
	mrs	x5, fpsr
	stp	x4, x5, [sp, #FRAME_FPCR_FPSR]
	msr	fpcr, xzr	// as AAPCS64 defines it at a program's start

	// ST1 stores four registers where STP stores two.
	add	x4, sp, #FRAME_Q
	st1	{v0.2d - v3.2d}, [x4], #64
	st1	{v4.2d - v7.2d}, [x4], #64
	st1	{v8.2d - v11.2d}, [x4], #64
	st1	{v12.2d - v15.2d}, [x4], #64
	st1	{v16.2d - v19.2d}, [x4], #64
	st1	{v20.2d - v23.2d}, [x4], #64
	st1	{v24.2d - v27.2d}, [x4], #64
	st1	{v28.2d - v31.2d}, [x4], #64

	stp	x29, x2, [sp, #FRAME_RECORD]
	add	x29, sp, #FRAME_RECORD
	mov	x0, sp
	ret

	unused_vector

// Resumes the interrupted code. In: sp frame.
restore:
	add	x4, sp, #FRAME_Q
	ld1	{v0.2d - v3.2d}, [x4], #64
	ld1	{v4.2d - v7.2d}, [x4], #64
	ld1	{v8.2d - v11.2d}, [x4], #64
	ld1	{v12.2d - v15.2d}, [x4], #64
	ld1	{v16.2d - v19.2d}, [x4], #64
	ld1	{v20.2d - v23.2d}, [x4], #64
	ld1	{v24.2d - v27.2d}, [x4], #64
	ld1	{v28.2d - v31.2d}, [x4], #64

	// The handler may have unmasked interrupts. Until ERET no exception may be taken: it would overwrite ELR_EL1
	// and SPSR_EL1.
	msr	daifset, #DAIF_ALL
	ldp	x2, x3, [sp, #FRAME_ELR_SPSR]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldr	x30, [sp, #FRAME_X(30)]
	ldp	x0, x1, [sp, #FRAME_X(0)]
	ldp	x2, x3, [sp, #FRAME_X(2)]
	ldp	x4, x5, [sp, #FRAME_X(4)]
	ldp	x6, x7, [sp, #FRAME_X(6)]
	ldp	x8, x9, [sp, #FRAME_X(8)]
	ldp	x10, x11, [sp, #FRAME_X(10)]
	ldp	x12, x13, [sp, #FRAME_X(12)]
	ldp	x14, x15, [sp, #FRAME_X(14)]
	ldp	x16, x17, [sp, #FRAME_X(16)]
	ldp	x18, x19, [sp, #FRAME_X(18)]
	ldp	x20, x21, [sp, #FRAME_X(20)]
	ldp	x22, x23, [sp, #FRAME_X(22)]
	ldp	x24, x25, [sp, #FRAME_X(24)]
	ldp	x26, x27, [sp, #FRAME_X(26)]
	ldp	x28, x29, [sp, #FRAME_X(28)]
.Lrestored:
	add	sp, sp, #FRAME_SIZE
	eret
	frame_fde restore, .Lrestored

	unused_vector

// nested_vector branches here if SP_EL1 has no room. It does not return.
// In: sp the bad stack pointer minus FRAME_SIZE, TPIDR_EL1 the interrupted x0. Stack: the whole exception stack.
exception_stack_overflow:
	adr_l	x0, vmb_early_vectors
	msr	vbar_el1, x0
	isb		// before the first access that could fault
	adr_l	x0, vmb_exception_stack_end - FRAME_SIZE
	str	x1, [x0, #FRAME_X(1)]
	add	x1, sp, #FRAME_SIZE
	stp	x30, x1, [x0, #FRAME_X30_SP]
	mov	sp, x0
	mrs	x1, tpidr_el1
	str	x1, [x0, #FRAME_X(0)]
	frame_save
	mov	x1, x0
	adr_l	x0, overflow_name
	b	vmbase_exception_report

	unused_vector
// sections.ld fills the rest of the last slot.

	.section .rodata.str.vmb_vectors, "aMS", %progbits, 1
overflow_name:
	.asciz	"exception stack overflow"

// sections.ld gives the stack the size that the check in nested_vector assumes.
	.global vmb_exception_stack_size
	.set vmb_exception_stack_size, 1 << EXCEPTION_STACK_SHIFT
