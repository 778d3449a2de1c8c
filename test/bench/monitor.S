// SPDX-License-Identifier: Apache-2.0

// A hypervisor that answers what KVM answers to a guest's boot, so that the boot's instructions and hypercalls can be counted
// in QEMU, whose own virt machine has neither a UID nor a TRNG. With virtualization=on it is entered at EL2 in place of
// QEMU's boot loader, sends that one to EL1, and from there on takes each HVC.

#include "../../src/arch/asm.h"
#include "../../src/smccc/smccc_call.h"

#define QEMU_BOOT_LOADER 0x40000000 // the start of RAM

#define HCR_EL2_RW (1 << 31)          // EL1 is AArch64
#define CNTHCTL_EL2_EL1_ALL 3         // the counter and the timer are EL1's
#define CPTR_EL2_RES1_NO_TRAPS 0x32ff // FP and SIMD do not trap
#define SCTLR_EL1_AT_RESET 0x30d00800 // RES1 bits alone
#define SPSR_EL1H_MASKED 0x3c5

#define ESR_EC_SHIFT 26
#define ESR_EC_WIDTH 6
#define ESR_EC_HVC64 0x16


	.section .text.monitor, "ax", %progbits
	.global monitor_start
monitor_start:
	mov	x9, #HCR_EL2_RW
	msr	hcr_el2, x9
	mov	x9, #CNTHCTL_EL2_EL1_ALL
	msr	cnthctl_el2, x9
	msr	cntvoff_el2, xzr
	mov	x9, #CPTR_EL2_RES1_NO_TRAPS
	msr	cptr_el2, x9
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9
	mov_imm32 x9, SCTLR_EL1_AT_RESET
	msr	sctlr_el1, x9
	adr_l	x9, monitor_vectors
	msr	vbar_el2, x9
	mov_imm32 x9, QEMU_BOOT_LOADER
	msr	elr_el2, x9
	mov	x9, #SPSR_EL1H_MASKED
	msr	spsr_el2, x9
	eret

// What comes of anything else than a call: the guest is lost, and its boot is not counted.
halt:
	wfi
	b	halt

// A call: x0 is the function ID. Registers that carry no result stay as they are.
	.global monitor_call
monitor_call:
	msr	tpidr_el2, x9
	mrs	x9, esr_el2
	ubfx	x9, x9, #ESR_EC_SHIFT, #ESR_EC_WIDTH
	cmp	x9, #ESR_EC_HVC64
	b.ne	halt
	mov_imm32 w9, VENDOR_HYP_CALL_UID
	cmp	w0, w9
	b.eq	uid
	mov_imm32 w9, TRNG_VERSION
	cmp	w0, w9
	b.eq	trng_version
	mov_imm32 w9, TRNG_RND64
	cmp	w0, w9
	b.eq	trng_rnd64
	// QEMU implements PSCI. It takes SMC, and answers NOT_SUPPORTED to a function that it does not know.
	smc	#0
return:
	mrs	x9, tpidr_el2
	eret

uid:
	mov_imm32 w0, 0xb66fb428
	mov_imm32 w1, 0xe911c52e
	mov_imm32 w2, 0x564bcaa9
	mov_imm32 w3, 0x743a004d
	b	return

trng_version:
	mov_imm32 w0, 0x10000
	b	return

// Different each time, and that is all that counting asks for.
trng_rnd64:
	mrs	x1, cntvct_el0
	mvn	x2, x1
	ror	x3, x1, #8
	mov	x0, xzr
	b	return

	.balign 2048
monitor_vectors:
	.rept 8
	.balign 128
	b	halt
	.endr
	.balign 128
	b	monitor_call // a synchronous exception of EL1 in AArch64 state
	.rept 7
	.balign 128
	b	halt
	.endr
