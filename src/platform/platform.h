// SPDX-License-Identifier: Apache-2.0

// The hooks: everything that a platform defines, and that other code uses by its link-time name. Lower layers
// use the names with an arrow (test/static/upward_names_test.py).
//
// Each platform defines
//   vmb_platform_map, vmb_platform_ready     below
//   vmb_boot_regions ^                       ../image/regions.h
//   vmbase_console ^                         ../console/console_driver.h; weak for `custom`
//   vmbase_layout_ram ^, vmbase_layout_dtb   <vmbase/layout.h>
//   vmbase_ram_next ^, vmbase_ram_next_free ^, vmbase_ram_check   <vmbase/ram.h>
// and, in assembly,
//   _start                                   the entry point
//   vmb_no_granule                           ends the VM if the CPU lacks granules of 4 KiB (../boot/mmu_on.S)
//
// If the image runs at a fixed address, ../image/layout_fixed.c and ../boot/entry.S define the layout, RAM and
// the assembly. Then the platform defines in addition
//   vmb_first_mmu                            below
//   vmb_check_map                            optional: checks the map before the MMU uses it
//
// Optional for each platform:
//   vmb_early_exception                      handles an exception before main's vectors are in use
//                                            (../exception/early_vectors.S)
//
// The linker script of a platform states what ../../linker/sections.ld asks for at its beginning.

#ifndef VMB_PLATFORM_H
#define VMB_PLATFORM_H

// Offsets in struct vmb_mmu_registers.
#define MMU_REGISTERS_TTBR0 0
#define MMU_REGISTERS_TCR 8
#define MMU_REGISTERS_SCTLR 16

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The registers that turn the MMU on. They are read while the MMU is still off.
struct vmb_mmu_registers {
	uint64_t ttbr0;
	uint64_t tcr; // without IPS, which comes from the CPU
	uint64_t sctlr;
};

extern const struct vmb_mmu_registers vmb_first_mmu;

_Static_assert(offsetof(struct vmb_mmu_registers, ttbr0) == MMU_REGISTERS_TTBR0, "entry.S");
_Static_assert(offsetof(struct vmb_mmu_registers, tcr) == MMU_REGISTERS_TCR, "entry.S");
_Static_assert(offsetof(struct vmb_mmu_registers, sctlr) == MMU_REGISTERS_SCTLR, "entry.S");

// Builds the map that main runs with, unless the first map is that map already. Called from enter_c.S with the
// caches on, .data and .bss in place, on the main stack. Only platform `generic` uses the arguments: the device
// tree that its entry.S has found, and whether the reset was at EL2.
void vmb_platform_map(uintptr_t tree, bool at_el2);

// Finishes the platform's set-up. Called after the hypervisor is known, before the console is used.
void vmb_platform_ready(void);

#endif

#endif
