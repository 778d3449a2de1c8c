// SPDX-License-Identifier: Apache-2.0

// The CPU enforces W^X and the guard pages.

#include "../support/machine.h"
#include "../support/probe.h"
#include "../support/tap.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>

static const uint32_t constant = RET_INSTRUCTION;
static uint32_t initialised = RET_INSTRUCTION;
static uint32_t zeroed;

static bool is_permission_fault(uint64_t esr, unsigned int ec)
{
	return ESR_EC(esr) == ec && ESR_IS_PERMISSION_FAULT(esr);
}

static bool is_unmapped(uintptr_t address)
{
	uint64_t esr = probe_read(address);

	return ESR_EC(esr) == EC_DATA_ABORT && ESR_IS_TRANSLATION_FAULT(esr) && probe_far == address;
}

static bool is_unwritable(uintptr_t address)
{
	uint64_t esr = probe_write(address);

	return probe_read(address) == 0 && is_permission_fault(esr, EC_DATA_ABORT) && ESR_IS_WRITE(esr);
}

static bool is_unexecutable(uintptr_t address)
{
	return is_permission_fault(probe_execute(address), EC_INSTRUCTION_ABORT);
}

static void permissions(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	uint32_t local = RET_INSTRUCTION;
	uintptr_t text = vmbase_layout_text().begin;
	uintptr_t main_stack = vmbase_layout_main_stack().begin;
	uintptr_t exception_stack = vmbase_layout_exception_stack().begin;
	uint64_t sctlr;

	zeroed = RET_INSTRUCTION;
	tap_ok(is_unwritable(text), "text cannot be written");
	tap_ok(is_unwritable((uintptr_t)&constant), "rodata cannot be written");
	tap_ok(is_unexecutable((uintptr_t)&constant), "rodata cannot be executed");
	tap_ok(probe_write((uintptr_t)&initialised) == 0, "data can be written");
	tap_ok(is_unexecutable((uintptr_t)&initialised), "data cannot be executed");
	tap_ok(probe_write((uintptr_t)&zeroed) == 0, "bss can be written");
	tap_ok(is_unexecutable((uintptr_t)&zeroed), "bss cannot be executed");
	tap_ok(probe_write((uintptr_t)&local) == 0, "the main stack can be written");
	tap_ok(is_unexecutable((uintptr_t)&local), "the main stack cannot be executed");
	tap_ok(is_unexecutable(exception_stack), "the exception stack cannot be executed");
	tap_ok(is_unexecutable(vmbase_layout_console().begin), "a device cannot be executed");
	tap_ok(is_unwritable(vmbase_layout_dtb().begin), "the device tree cannot be written");
	tap_ok(is_unmapped(0), "address 0 is not mapped");
	tap_ok(is_unmapped(main_stack - 1), "the main stack has a guard");
	tap_ok(is_unmapped(exception_stack - 1), "the exception stack has a guard");
	tap_ok(is_unmapped(machine.unmapped), "memory between image and data is not mapped");
	tap_ok(is_unmapped(UINT64_C(1) << 32), "nothing is mapped above 4 GiB");
	__asm__("mrs %0, sctlr_el1" : "=r"(sctlr));
	tap_ok((sctlr >> 19 & 1) == 1, "SCTLR_EL1.WXN is set");
	tap_done();
}

VMBASE_MAIN(permissions);
