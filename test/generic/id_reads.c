// SPDX-License-Identifier: Apache-2.0

// Checks which calls read ID registers, because each read is an exit under a hypervisor that traps them.
// id_reads_program.S is such a hypervisor.

#include "../guest/support/tap.h"

#include "../../src/entropy/entropy_sources.h"
#include "../../src/arch/mmu.h"

#include <vmbase/el2.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/smccc.h>

extern const char id_reads_program[];

static const struct vmbase_range pages = { 0x40000000, 0x40003000 };

// Returns whether an ID register was read since the last call. The next read is trapped again.
static bool was_trapped(void)
{
	struct vmbase_smccc_registers call = { 0 };

	vmbase_smccc_hvc(&call);
	return call.x[0] != 0;
}

static void invalidate(void)
{
	vmb_tlb_invalidate(pages, 0, VMB_TLB_LEAVES);
}

static void clean(void)
{
	vmb_cache_clean(vmbase_layout_main_stack());
}

static void read_rndr(void)
{
	struct vmb_entropy_block block;

	(void)vmb_rndr_read(&block);
}

static void read_features(void)
{
	(void)vmb_mmu_features();
	(void)vmb_mmu_tcr_for(39);
}

static void read_at_most_once(void (*function)(void), const char *name)
{
	function();
	(void)was_trapped();
	function();
	tap_ok(!was_trapped(), name);
}

static void id_reads(void)
{
	// The program returns to the instruction after the call.
	(void)vmbase_el2_enter(vmbase_phys_at((uintptr_t)id_reads_program), 0, 0, 0, 0);
	(void)was_trapped();
	__asm__ volatile("mrs x0, id_aa64isar0_el1" : : : "x0");
	tap_ok(was_trapped(), "a read of ID_AA64ISAR0_EL1 is trapped");
	__asm__ volatile("mrs x0, ctr_el0" : : : "x0");
	tap_ok(was_trapped(), "a read of CTR_EL0 is trapped");
	read_at_most_once(invalidate, "TLB invalidation reads ID registers at most once");
	read_at_most_once(clean, "cache cleaning reads ID registers at most once");
	read_at_most_once(read_rndr, "RNDR reads ID registers at most once");
	read_at_most_once(read_features, "page-table code reads ID registers at most once");
	vmbase_print("#");
	(void)was_trapped();
	vmbase_println(" printing");
	tap_ok(!was_trapped(), "printing reads no ID register");
	tap_done();
}

VMBASE_MAIN(id_reads);
