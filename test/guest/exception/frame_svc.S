// SPDX-License-Identifier: Apache-2.0

// Loads all registers, executes SVC, and stores the registers.

#include "frame.h"

// void svc_with_registers(struct registers *before, struct registers *after)
// In: x0, x1 (frame.h). Clobbers: as AAPCS64 allows. Stack: 208 bytes.
	.section .text.svc_with_registers, "ax", %progbits
	.balign 4
	.global svc_with_registers, after_the_svc
svc_with_registers:
	stp	x29, x30, [sp, #-208]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x2, fpcr
	stp	x0, x1, [sp, #176]
	str	x2, [sp, #192]
	mov	x2, sp
	str	x2, [x1, #REGISTERS_SP + 8]

	ldr	x2, [x0, #REGISTERS_FPCR]
	ldr	x3, [x0, #REGISTERS_FPCR + 8]
	msr	fpcr, x2
	msr	fpsr, x3
	add	x2, x0, #REGISTERS_Q
	ldp	q0, q1, [x2, #0]
	ldp	q2, q3, [x2, #32]
	ldp	q4, q5, [x2, #64]
	ldp	q6, q7, [x2, #96]
	ldp	q8, q9, [x2, #128]
	ldp	q10, q11, [x2, #160]
	ldp	q12, q13, [x2, #192]
	ldp	q14, q15, [x2, #224]
	ldp	q16, q17, [x2, #256]
	ldp	q18, q19, [x2, #288]
	ldp	q20, q21, [x2, #320]
	ldp	q22, q23, [x2, #352]
	ldp	q24, q25, [x2, #384]
	ldp	q26, q27, [x2, #416]
	ldp	q28, q29, [x2, #448]
	ldp	q30, q31, [x2, #480]
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldr	x28, [x0, #8 * 28]
	ldr	x30, [x0, #8 * 30]
	ldp	x0, x1, [x0]
	msr	nzcv, xzr
	svc	#1
after_the_svc:
	b	1f			// skipped if the handler changes elr
	// Reached only if a handler changed elr.
	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16 + 184]
	mov	x1, #1
	str	x1, [x0, #REGISTERS_SP + 24]
	ldp	x0, x1, [sp], #16
	b	2f
1:	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16 + 184]
	str	xzr, [x0, #REGISTERS_SP + 24]
	ldp	x0, x1, [sp], #16
2:	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16 + 184]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	str	x28, [x0, #8 * 28]
	str	x30, [x0, #8 * 30]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	ldr	x1, [sp, #176]
	ldr	x2, [x1, #8 * 29]	// x29 is not under test
	str	x2, [x0, #8 * 29]
	mrs	x2, nzcv
	mov	x3, sp
	str	x2, [x0, #REGISTERS_SP + 16]
	str	x3, [x0, #REGISTERS_SP]
	mrs	x2, fpcr
	mrs	x3, fpsr
	str	x2, [x0, #REGISTERS_FPCR]
	str	x3, [x0, #REGISTERS_FPCR + 8]
	add	x2, x0, #REGISTERS_Q
	stp	q0, q1, [x2, #0]
	stp	q2, q3, [x2, #32]
	stp	q4, q5, [x2, #64]
	stp	q6, q7, [x2, #96]
	stp	q8, q9, [x2, #128]
	stp	q10, q11, [x2, #160]
	stp	q12, q13, [x2, #192]
	stp	q14, q15, [x2, #224]
	stp	q16, q17, [x2, #256]
	stp	q18, q19, [x2, #288]
	stp	q20, q21, [x2, #320]
	stp	q22, q23, [x2, #352]
	stp	q24, q25, [x2, #384]
	stp	q26, q27, [x2, #416]
	stp	q28, q29, [x2, #448]
	stp	q30, q31, [x2, #480]

	ldr	x2, [sp, #192]
	msr	fpcr, x2
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #208
	ret

// void spoil_simd_registers(void)
// Clobbers q8 to q15 too, which a C caller expects to keep: only for a handler whose frame restores them.
	.section .text.spoil_simd_registers, "ax", %progbits
	.balign 4
	.global spoil_simd_registers
spoil_simd_registers:
	movi	v0.16b, #0xff
	movi	v1.16b, #0xff
	movi	v2.16b, #0xff
	movi	v3.16b, #0xff
	movi	v4.16b, #0xff
	movi	v5.16b, #0xff
	movi	v6.16b, #0xff
	movi	v7.16b, #0xff
	movi	v8.16b, #0xff
	movi	v9.16b, #0xff
	movi	v10.16b, #0xff
	movi	v11.16b, #0xff
	movi	v12.16b, #0xff
	movi	v13.16b, #0xff
	movi	v14.16b, #0xff
	movi	v15.16b, #0xff
	movi	v16.16b, #0xff
	movi	v17.16b, #0xff
	movi	v18.16b, #0xff
	movi	v19.16b, #0xff
	movi	v20.16b, #0xff
	movi	v21.16b, #0xff
	movi	v22.16b, #0xff
	movi	v23.16b, #0xff
	movi	v24.16b, #0xff
	movi	v25.16b, #0xff
	movi	v26.16b, #0xff
	movi	v27.16b, #0xff
	movi	v28.16b, #0xff
	movi	v29.16b, #0xff
	movi	v30.16b, #0xff
	movi	v31.16b, #0xff
	mov	x0, #(3 << 22)
	msr	fpcr, x0
	mov	x0, #0x9f
	msr	fpsr, x0
	ret
