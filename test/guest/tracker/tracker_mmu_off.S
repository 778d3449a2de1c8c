// SPDX-License-Identifier: Apache-2.0

// Reads memory with the MMU off.

#include "../../../src/arch/asm.h"
#include "../../../src/arch/sysreg.h"

// uint64_t read_with_mmu_off(uintptr_t address)
// In: x0 address. Out: x0 the value there. Clobbers: x9-x11. Stack: none.
func read_with_mmu_off
	mrs	x9, daif
	msr	daifset, #0xf
	mrs	x10, sctlr_el1
	mov	x11, #(SCTLR_EL1_M | SCTLR_EL1_C)
	bic	x11, x10, x11
	dsb	sy		// accesses through the map are complete
	msr	sctlr_el1, x11
	isb
	ldr	x0, [x0]
	dsb	sy		// this access is complete before the map is active again
	msr	sctlr_el1, x10
	isb
	msr	daif, x9
	ret
endfunc read_with_mmu_off
