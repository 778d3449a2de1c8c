// SPDX-License-Identifier: Apache-2.0

// Macros that every assembly file uses.

#ifndef VMB_ASM_H
#define VMB_ASM_H

// clang-format knows C only.
// clang-format off

// Begins a global function. It has a section of its own, so that the linker can drop it if it is not used, and
// a landing pad, so that it may be called through a pointer (a NOP before Armv8.5).
.macro func name
	.section .text.\name, "ax", %progbits
	.global \name
	.type \name, %function
	.balign 4
\name:
	bti c
.endm

.macro endfunc name
	.size \name, . - \name
.endm

// Loads the address of a symbol relative to the program counter.
.macro adr_l register, symbol
	adrp \register, \symbol
	add \register, \register, :lo12:\symbol
.endm

// Loads a 32-bit constant, such as an SMCCC function ID.
.macro mov_imm32 register, value
	movz \register, #((\value) & 0xffff)
	movk \register, #((\value) >> 16), lsl #16
.endm

#endif
