// SPDX-License-Identifier: Apache-2.0

// Enters a crash report: finds a stack with room, whatever state the stacks are in, and calls report.c.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "../exception/frame.h"
#include "../exception/frame_cfi.h"

	frame_cie

// The bytes of stack that a report may need: a page, so that ADRP alone gives the address above them.
#define REPORT_STACK_SIZE 4096

// Branches to the label if the address is in the exception stack, with room for a report below the address.
.macro branch_if_room label, address, scratch
	adrp	\scratch, vmb_exception_stack_begin + REPORT_STACK_SIZE
	sub	\scratch, \address, \scratch
	lsr	\scratch, \scratch, #EXCEPTION_STACK_SHIFT
	cbz	\scratch, \label
.endm

// [[noreturn]] void vmbase_exception_report(const char *name, const struct vmbase_exception_frame *frame)
// Stack: the rest of the exception stack if it is large enough, or else the part below the frame, or else the
// whole exception stack. A report never returns, so it may overwrite the stack.
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
// In: x0 format; x1 to x7, q0 to q7 and the stack, the arguments. Stack: the exception stack; from a handler
// the rest of the exception stack. Saves the same frame as an exception.
func vmbase_panic
	// A panic in a report, or in the boot before there is a console, cannot be printed.
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
	// The frame's elr is the call of vmbase_panic(), as if an exception had interrupted the call.
	ldr	x2, [x0, #FRAME_X(30)]
	sub	x2, x2, #4
	str	x2, [x0, #FRAME_ELR_SPSR]
	str	x2, [x0, #(FRAME_RECORD + 8)]
	b	vmb_report_panic
.Lpanic_end:
	frame_fde .Lsaved, .Lpanic_end
endfunc vmbase_panic

// [[noreturn]] void vmbase_assert_failed(const char *what)
// In and stack: as vmbase_panic(). The report names the caller of this function.
func vmbase_assert_failed
	mov	x1, x0
	adr_l	x0, assertion_format
	b	vmbase_panic
endfunc vmbase_assert_failed

// [[noreturn]] void __stack_chk_fail(void)
// In and stack: as vmbase_panic(). The report names the function that found its canary changed.
func __stack_chk_fail
	adr_l	x0, smashed
	b	vmbase_panic
endfunc __stack_chk_fail

	.section .rodata.str.vmb_report, "aMS", %progbits, 1
assertion_format:
	.asciz	"assertion failed: %s"
smashed:
	.asciz	"stack smashing detected"
