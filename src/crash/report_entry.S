// SPDX-License-Identifier: Apache-2.0

// The ways into a crash report. Each sees to it that there is a stack for it, whatever state the stacks are in,
// and goes on in report.c.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "../exception/frame.h"
#include "../exception/frame_cfi.h"

	frame_cie

// How much of the exception stack a report may need: a page, so that the test for it is one shift.
#define REPORT_STACK_SIZE 4096

// Branches where the address is in the exception stack with room for a report below it.
.macro branch_if_room label, address, scratch
	adrp	\scratch, vmb_exception_stack_begin + REPORT_STACK_SIZE
	sub	\scratch, \address, \scratch
	lsr	\scratch, \scratch, #EXCEPTION_STACK_SHIFT
	cbz	\scratch, \label
.endm

// [[noreturn]] void vmbase_exception_report(const char *name, const struct vmbase_exception_frame *frame)
// Stack: what is left of the exception stack; if that is not enough, what is below the frame, or else all of it:
// nobody goes back to what was there.
func vmbase_exception_report
	msr	daifset, #DAIF_ALL
	mov	x2, sp
	branch_if_room 1f, x2, x3
	and	x2, x1, #~0xf
	branch_if_room 1f, x2, x3
	adr_l	x2, vmb_exception_stack_end
1:	mov	sp, x2
	b	vmb_report_exception
endfunc vmbase_exception_report

// [[noreturn]] void vmbase_panic(const char *format, ...)
// In: x0 format; x1 to x7, q0 to q7 and the stack, what it formats. Stack: the exception stack, from a handler what
// is left of it. There it saves the same frame as an exception.
func vmbase_panic
	// A report that panics, and a boot without a console yet, cannot say so.
	mrs	x16, vbar_el1
	adr_l	x17, vmb_early_vectors
	cmp	x16, x17
	b.eq	vmb_give_up

	mov	x16, sp
	msr	daifset, #DAIF_ALL
	branch_if_room 1f, sp, x17
	adr_l	x17, vmb_exception_stack_end
	mov	sp, x17
1:	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp, #FRAME_X(0)]
	stp	x30, x16, [sp, #FRAME_X30_SP]
	frame_save
.Lsaved:
	// The call itself takes the place of the instruction that an exception interrupts.
	ldr	x2, [x0, #FRAME_X(30)]
	sub	x2, x2, #4
	str	x2, [x0, #FRAME_ELR_SPSR]
	str	x2, [x0, #(FRAME_RECORD + 8)]
	b	vmb_report_panic
.Lpanic_end:
	frame_fde .Lsaved, .Lpanic_end
endfunc vmbase_panic

// [[noreturn]] void vmbase_assert_failed(const char *what)
// In and stack: as vmbase_panic(), which reports where this was called.
func vmbase_assert_failed
	mov	x1, x0
	adr_l	x0, assertion_format
	b	vmbase_panic
endfunc vmbase_assert_failed

// [[noreturn]] void __stack_chk_fail(void)
// In and stack: as vmbase_panic(), which reports the function that found its canary changed.
func __stack_chk_fail
	adr_l	x0, smashed
	b	vmbase_panic
endfunc __stack_chk_fail

	.section .rodata.str.vmb_report, "aMS", %progbits, 1
assertion_format:
	.asciz	"assertion failed: %s"
smashed:
	.asciz	"stack smashing detected"
