// SPDX-License-Identifier: Apache-2.0

// What boot code, in assembly and C, agrees upon.

#ifndef VMB_BOOT_H
#define VMB_BOOT_H

// Offsets in struct vmb_boot_map.
#define BOOT_MAP_TTBR0 0
#define BOOT_MAP_TCR 8
#define BOOT_MAP_SCTLR 16

// Offset of the base in struct vmbase_console.
#define CONSOLE_BASE 8

// Where SMC is in vmb_give_up_by_smc, in bytes.
#define GIVE_UP_BY_SMC_CALL 12

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Comes before a variable is read that the boot writes before the guest's constructors run. A compiler that
// sees the whole image (LTO) takes constructors for the first code of all. It runs a constructor itself, with
// the variables as they are before the boot, unless there is assembly on the way, even if it is empty.
#define VMB_AFTER_BOOT() __asm__ volatile("")

// What the MMU is turned on with; each platform whose image runs where it was linked defines one. It is read
// while the MMU is still off.
struct vmb_boot_map {
	uint64_t ttbr0;
	uint64_t tcr; // without IPS, which comes from the CPU
	uint64_t sctlr;
};

extern const struct vmb_boot_map vmb_boot_map;

_Static_assert(offsetof(struct vmb_boot_map, ttbr0) == BOOT_MAP_TTBR0, "entry.S reads it there");
_Static_assert(offsetof(struct vmb_boot_map, tcr) == BOOT_MAP_TCR, "entry.S reads it there");
_Static_assert(offsetof(struct vmb_boot_map, sctlr) == BOOT_MAP_SCTLR, "entry.S reads it there");

// Builds the map that main runs with, if that is not the one of vmb_boot_map already. Called from
// enter_c.S with caches on, .data and .bss in place, on the main stack. Only platform `generic` looks for a
// device tree, and says whether the reset was at EL2.
void vmb_platform_map(uintptr_t tree, bool at_el2);

// What is left to do when the hypervisor is known, before the console is used.
void vmb_platform_ready(void);

// The part of the boot that is C. Called once, from enter_c.S, with x0 to x3 as they were at reset.
_Noreturn void vmb_start(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// Calls the guest's main function, in assembly, since it takes these arguments or none.
void vmb_call_main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// Ends the VM as VMBASE_CRASH_END() of <vmbase/panic.h> says. It needs no stack.
_Noreturn void vmb_give_up(void);

// Waits for ever with interrupts masked.
_Noreturn void vmb_halt(void);

// Vectors that end the VM likewise.
extern const char vmb_early_vectors[];

#endif

#endif
