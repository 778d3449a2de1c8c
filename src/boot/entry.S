// SPDX-License-Identifier: Apache-2.0

// From reset to vmb_start(). The VMM enters at _start, at EL1 with the MMU and the caches off, DAIF
// masked, and its boot arguments in x0 to x3 (Linux, Documentation/arch/arm64/booting.rst).
//
// No memory is written before the caches are on, so that no stale line that the host left in a cache can
// come to cover it.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "boot.h"

	.section .init.entry, "ax", %progbits
	.global _start
	.type _start, %function
_start:
	// At another exception level nothing below would work, nor would a reset by HVC.
	mrs	x9, CurrentEL
	cmp	x9, #CURRENTEL_EL1
	b.ne	vmb_halt

	// The image holds absolute addresses: anywhere but where it was linked it resets.
	adr	x9, _start
	ldr	x10, linked_address
	cmp	x9, x10
	b.ne	vmb_reset

	// From here on something can fault.
	adr_l	x9, vmb_early_vectors
	msr	vbar_el1, x9

	// Memory types, table, and translation control with the CPU's own physical address size.
	adr_l	x9, vmb_boot_map
	ldp	x10, x11, [x9, #BOOT_MAP_TTBR0]
	ldr	x12, [x9, #BOOT_MAP_SCTLR]
	mrs	x13, id_aa64mmfr0_el1
	and	x13, x13, #((1 << ID_AA64MMFR0_PARANGE_WIDTH) - 1)
	mov	x14, #TCR_EL1_IPS_48BIT
	cmp	x13, x14
	csel	x13, x13, x14, lo
	bfi	x11, x13, #TCR_EL1_IPS_SHIFT, #TCR_EL1_IPS_WIDTH
	mov	x13, #MAIR_EL1_VALUE
	msr	mair_el1, x13
	msr	tcr_el1, x11
	msr	ttbr0_el1, x10

	// FP and SIMD, which compiled code uses anywhere.
	mov	x13, #CPACR_EL1_FPEN_NONE_TRAPPED
	msr	cpacr_el1, x13

	// The registers take effect before the invalidations, so that no walk refills the TLB by old ones.
	isb
	// What was cached of earlier translations and instructions is not ours (DDI 0487, issue K.a: TLB
	// maintenance; Caches).
	tlbi	vmalle1
	ic	iallu
	// Both are complete before the MMU goes on; nobody else needs to see it, so non-shareable.
	dsb	nsh
	isb
	msr	sctlr_el1, x12
	// The next instruction is fetched through the map.
	isb

	// PAN, where the CPU has it. (Handlers get it by SCTLR_EL1.SPAN.)
	mrs	x9, id_aa64mmfr1_el1
	ubfx	x9, x9, #ID_AA64MMFR1_PAN_SHIFT, #ID_AA64MMFR1_PAN_WIDTH
	cbz	x9, 1f
	.arch_extension pan
	msr	pan, #1
	.arch_extension nopan
1:
	// Keep the arguments where a call does not touch them.
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3

	// .bss, and the initial values of .data out of the image, which itself is never written.
	adr_l	x0, vmb_bss_begin
	adr_l	x1, vmb_bss_end
	bl	vmb_zero
	adr_l	x9, vmb_data_begin
	adr_l	x10, vmb_data_end
	adr_l	x11, vmb_data_load
2:	cmp	x9, x10
	b.hs	3f
	ldp	x12, x13, [x11], #16
	stp	x12, x13, [x9], #16
	b	2b
3:
	// Main on SP_EL0, exceptions on SP_EL1. Frame records end at a frame pointer of zero.
	msr	spsel, #1
	adr_l	x9, vmb_exception_stack_end
	mov	sp, x9
	msr	spsel, #0
	adr_l	x9, vmb_main_stack_end
	mov	sp, x9
	mov	x29, xzr
	mov	x30, xzr

	// Thread-local variables: there is one thread, and its block lies in .data and .bss.
	adr_l	x9, vmb_thread_pointer
	msr	tpidr_el0, x9

	bl	vmb_platform_map

	// From here on exceptions have handlers.
	adr_l	x9, vmb_vectors
	msr	vbar_el1, x9
	isb

	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	mov	x3, x22
	mov	x30, xzr
	b	vmb_start

	.balign 8
linked_address:
	.quad	_start
	.size _start, . - _start
