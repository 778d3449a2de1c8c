// SPDX-License-Identifier: Apache-2.0

// Turns the MMU and the caches on, for all platforms.

#include "../arch/asm.h"
#include "../arch/sysreg.h"

// void vmb_mmu_on(…)
// In: x10 TTBR0_EL1, x11 TCR_EL1 without IPS, x12 SCTLR_EL1. The map maps the running code to its physical address.
// Out: MMU and caches are on. Clobbers: x9, x11-x14, flags. Stack: none.
func vmb_mmu_on
	// Memory types, table, and translation control with the CPU's physical address size. All tables have granules
	// of 4 KiB.
	mrs	x13, id_aa64mmfr0_el1
	// B, not TBNZ to the function itself: the guest's functions may come between, and TBNZ reaches 32 KiB.
	tbz	x13, #ID_AA64MMFR0_TGRAN4_SIGN, 2f
	b	vmb_no_granule
2:	and	x13, x13, #((1 << ID_AA64MMFR0_PARANGE_WIDTH) - 1)
	mov	x14, #TCR_EL1_IPS_48BIT
	cmp	x13, x14
	csel	x13, x13, x14, lo
	bfi	x11, x13, #TCR_EL1_IPS_SHIFT, #TCR_EL1_IPS_WIDTH
	mov	x13, #MAIR_EL1_VALUE
	msr	mair_el1, x13
	msr	tcr_el1, x11
	msr	ttbr0_el1, x10

	// FP and SIMD, which compiled code may use anywhere.
	mov	x13, #CPACR_EL1_FPEN_NONE_TRAPPED
	msr	cpacr_el1, x13

	// The registers take effect before the invalidations, so that no walk with old values refills the TLB.
	isb
	// Cached translations and instructions of earlier software are invalid (DDI 0487, issue K.a: TLB maintenance;
	// Caches).
	tlbi	vmalle1
	ic	iallu
	// Both are complete before the MMU goes on. Non-shareable is enough: they concern this CPU only.
	dsb	nsh
	isb
	// If the CPU has FEAT_PAN, SCTLR_EL1.SPAN stays 0, so that handlers run with PAN. Without FEAT_PAN it is RES1.
	mrs	x9, id_aa64mmfr1_el1
	ubfx	x9, x9, #ID_AA64MMFR1_PAN_SHIFT, #ID_AA64MMFR1_PAN_WIDTH
	cbnz	x9, 1f
	orr	x12, x12, #SCTLR_EL1_SPAN
1:	msr	sctlr_el1, x12
	// The next instruction is fetched through the map.
	isb

	cbz	x9, 1f
	.arch_extension pan
	msr	pan, #1
	.arch_extension nopan
1:	ret
endfunc vmb_mmu_on
