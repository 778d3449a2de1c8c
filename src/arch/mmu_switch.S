// SPDX-License-Identifier: Apache-2.0

// The switch from one map to another while the MMU is off.

#include "asm.h"
#include "sysreg.h"

// void vmb_mmu_switch(uint64_t ttbr0, uint64_t tcr)
// In: x0 TTBR0_EL1, x1 TCR_EL1. Clobbers: x9, x10, x11. Stack: none, nor any other memory.
//
// TTBR0_EL1 and TCR_EL1 cannot change in one step, and a walk with one new and one old value could end anywhere. With
// the MMU off there are no walks, and a TLB never has entries of both maps. While it is off, only this code is
// accessed, at its physical address, which equals its virtual address.
func vmb_mmu_switch
	mrs	x9, daif
	msr	daifset, #DAIF_ALL
	mrs	x10, sctlr_el1
	bic	x11, x10, #SCTLR_EL1_M
	// Earlier accesses complete, and the tables' entries are visible, before any walk may read them.
	dsb	ish
	msr	sctlr_el1, x11
	isb
	msr	ttbr0_el1, x0
	msr	tcr_el1, x1
	// The registers take effect before the invalidation, so that no walk with the old values refills the TLB.
	isb
	tlbi	vmalle1
	// Non-shareable is enough: only this CPU uses its TLB.
	dsb	nsh
	msr	sctlr_el1, x10
	// The next instruction is fetched through the new map.
	isb
	msr	daif, x9
	ret
endfunc vmb_mmu_switch
