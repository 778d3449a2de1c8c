// SPDX-License-Identifier: Apache-2.0

// The default handlers that only report. They are weak: a guest replaces a handler by defining it.

#include "../arch/asm.h"

// void name(struct vmbase_exception_frame *frame)
.macro default_handler name, origin
	.section .text.default_handler_\origin\()_\name, "ax", %progbits
	.weak \name
	.type \name, %function
	.balign 4
\name:
	bti	c
	mov	x1, x0
	adr_l	x0, name_of_\name
	b	vmbase_exception_report
	.size \name, . - \name

	.section .rodata.str.\name, "aMS", %progbits, 1
name_of_\name:
	.asciz	"\name"
.endm

	default_handler irq_current, current
	default_handler fiq_current, current
	default_handler serr_current, current
	default_handler sync_lower, lower
	default_handler irq_lower, lower
	default_handler fiq_lower, lower
	default_handler serr_lower, lower
