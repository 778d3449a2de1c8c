// SPDX-License-Identifier: Apache-2.0

// The state in which main begins.

#include "../support/machine.h"
#include "../support/tap.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/ram.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Defines read_<name>(), which reads a system register.
#define SYSREG(name, register)                                                                                 \
	static uint64_t read_##name(void)                                                                      \
	{                                                                                                      \
		uint64_t value;                                                                                \
                                                                                                               \
		__asm__ volatile("mrs %0, " register : "=r"(value));                                           \
		return value;                                                                                  \
	}

SYSREG(current_el, "CurrentEL")
SYSREG(spsel, "spsel")
SYSREG(daif, "daif")
SYSREG(mdscr, "mdscr_el1")
SYSREG(sctlr, "sctlr_el1")
SYSREG(mmfr1, "id_aa64mmfr1_el1")
SYSREG(pan, "s3_0_c4_c2_3") // undefined without FEAT_PAN

#define FDT_MAGIC UINT32_C(0xd00dfeed)

static uint64_t initialised[3] = { 1, 2, 3 };
static uint64_t zeroed[1000];
static _Thread_local uint64_t thread_initialised = 4;
static _Thread_local uint64_t thread_zeroed;
static _Alignas(64) _Thread_local uint64_t thread_aligned = 5;

static int constructed;

__attribute__((constructor(101))) static void construct_first(void)
{
	constructed = constructed * 10 + 1;
}

__attribute__((constructor(102))) static void construct_second(void)
{
	constructed = constructed * 10 + 2;
}

__attribute__((constructor)) static void construct_last(void)
{
	constructed = constructed * 10 + 3;
}

static bool is_all_zero(const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i] != 0) {
			return false;
		}
	}
	return true;
}

static bool contains(struct vmbase_range range, uintptr_t address)
{
	return address >= range.begin && address < range.end;
}

static void boot(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

	tap_ok(contains(vmbase_layout_dtb(), arg0) && __builtin_bswap32(*(const uint32_t *)arg0) == FDT_MAGIC,
	       "x0 is the address of the device tree, which can be read");
	tap_ok(arg1 == 0 && arg2 == 0 && arg3 == 0, "x1 to x3 are passed to main");
	tap_ok(read_current_el() == 1 << 2, "main runs at EL1");
	tap_ok(read_spsel() == 0, "main runs on SP_EL0");
	tap_ok(contains(vmbase_layout_main_stack(), frame), "main runs on the main stack");
	tap_ok((read_daif() >> 6 & 0xf) == 0x3,
	       "IRQs and FIQs are masked; SErrors and debug exceptions are not");
	tap_ok(read_mdscr() == 0, "no debug exception is enabled");
	tap_ok((read_sctlr() & 0x1005) == 0x1005, "MMU and caches are on");
	bool has_pan = (read_mmfr1() >> 20 & 0xf) != 0;
	tap_ok(!has_pan || (read_pan() >> 22 & 1) == 1, "PAN is set if the CPU has PAN");

	tap_ok(initialised[0] == 1 && initialised[1] == 2 && initialised[2] == 3, ".data has its values");
	tap_ok(contains(vmbase_layout_data(), (uintptr_t)initialised), ".data is where the layout says");
	tap_ok(is_all_zero(zeroed, sizeof(zeroed) / sizeof(zeroed[0])), ".bss is zero");
	tap_ok(contains(vmbase_layout_bss(), (uintptr_t)zeroed), ".bss is where the layout says");
	tap_ok(thread_initialised == 4 && thread_zeroed == 0, "thread-local variables have their values");
	tap_ok(thread_aligned == 5 && (uintptr_t)&thread_aligned % 64 == 0,
	       "a thread-local variable is aligned");
	tap_ok(constructed == 123, "constructors have run in the order of their priorities");
	errno = 0;
	strtol("99999999999999999999", NULL, 10);
	tap_ok(errno == ERANGE, "errno works");

	volatile double third = 1.0;
	third = third / 3.0;
	tap_ok(third > 0.333 && third < 0.334, "floating point works");

	tap_ok(contains(vmbase_layout_text(), (uintptr_t)boot), "main is in the text");
	tap_ok(contains(vmbase_layout_rodata(), (uintptr_t) "a string"), "strings are in rodata");
	tap_ok(machine.image_begin == 0 || vmbase_layout_text().begin == machine.image_begin,
	       "the image begins where it was loaded");
	tap_ok(vmbase_layout_ram().begin == machine.layout_ram.begin &&
		       vmbase_layout_ram().end == machine.layout_ram.end,
	       "RAM is the region of all writable data, or the RAM of the device tree");
	struct vmbase_range free_ram;
	tap_ok(vmbase_ram_next_free(vmbase_layout_bss().end, &free_ram) == VMBASE_OK &&
		       free_ram.begin > vmbase_layout_bss().end && free_ram.end > free_ram.begin &&
		       free_ram.end <= machine.layout_ram.end && (free_ram.begin | free_ram.end) % 0x1000 == 0,
	       "there are free pages after the image");
	tap_ok(vmbase_ram_next_free(machine.layout_ram.end - 0xfff, &free_ram) == VMBASE_ERROR_NOT_FOUND &&
		       vmbase_ram_next_free(UINTPTR_MAX, &free_ram) == VMBASE_ERROR_NOT_FOUND,
	       "there are no free pages after RAM");
	tap_ok(vmbase_layout_binary_end() > vmbase_layout_text().end &&
		       vmbase_layout_binary_end() - vmbase_layout_text().end < 0x3000,
	       "the binary ends after the text and the values of constants and data");
	tap_done();
}

VMBASE_MAIN(boot);
