// SPDX-License-Identifier: Apache-2.0

// Makes calls by HVC or SMC (Arm DEN 0028, issue E).

#include "../arch/asm.h"

// struct vmbase_smccc_result vmbase_smccc_call(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3)
// In: x0 function ID, x1-x3 arguments, x8 address of the result. Out: the result at x8.
// Clobbers: x0-x3, x9, and x4-x17 before SMCCC 1.1 (DEN 0028, issue E: Register use in AArch64 SMC and HVC calls), all
// of which a C caller expects. Stack: 16 bytes.
func vmbase_smccc_call
	str	x8, [sp, #-16]!
	adrp	x9, vmbase_smccc_conduit
	ldr	w9, [x9, :lo12:vmbase_smccc_conduit]
	cbnz	w9, 1f
	hvc	#0
	b	2f
1:	smc	#0
2:	ldr	x8, [sp], #16
	stp	x0, x1, [x8]
	stp	x2, x3, [x8, #16]
	ret
endfunc vmbase_smccc_call

// void vmbase_smccc_hvc(struct vmbase_smccc_registers *registers), and the same for SMC
// In: x0 registers. Out: the results in *registers. Clobbers: x0-x17. Stack: 16 bytes.
.macro call_with_all_registers name, instruction
func \name
	str	x19, [sp, #-16]!
	mov	x19, x0
	ldp	x2, x3, [x19, #16]
	ldp	x4, x5, [x19, #32]
	ldp	x6, x7, [x19, #48]
	ldp	x8, x9, [x19, #64]
	ldp	x10, x11, [x19, #80]
	ldp	x12, x13, [x19, #96]
	ldp	x14, x15, [x19, #112]
	ldp	x16, x17, [x19, #128]
	ldp	x0, x1, [x19]
	\instruction #0
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	stp	x4, x5, [x19, #32]
	stp	x6, x7, [x19, #48]
	stp	x8, x9, [x19, #64]
	stp	x10, x11, [x19, #80]
	stp	x12, x13, [x19, #96]
	stp	x14, x15, [x19, #112]
	stp	x16, x17, [x19, #128]
	ldr	x19, [sp], #16
	ret
endfunc \name
.endm

	call_with_all_registers vmbase_smccc_hvc, hvc
	call_with_all_registers vmbase_smccc_smc, smc
