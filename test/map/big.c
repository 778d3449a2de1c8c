// SPDX-License-Identifier: Apache-2.0

// A guest whose parts are larger than blocks of 2 MiB, so that the map has blocks in their middles and
// several tables of pages at their ends.

#include <vmbase/console.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>

#include <stdbool.h>
#include <stddef.h>

#define MIB (UINT32_C(1) << 20)
#define PAGE_SIZE 4096
#define FIRST 0x5a
#define LAST 0xa5

// All volatile, so that the compiler neither knows the values nor leaves an access out. None ends at a
// page's end.
static const volatile uint8_t constants[4 * MIB + 1] = { [0] = FIRST, [4 * MIB] = LAST };
static volatile uint8_t initialised[] = { FIRST, LAST };
static volatile uint8_t zeroed[5 * MIB + 1];
__attribute__((section(".noinit.big"))) static volatile uint8_t not_initialised[3 * MIB + 1];
static _Thread_local volatile uint8_t thread_initialised = FIRST;
static _Thread_local volatile uint8_t thread_zeroed[PAGE_SIZE];

static bool is_zero(const volatile uint8_t *bytes, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

static bool keeps_writes(volatile uint8_t *bytes, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i += PAGE_SIZE) {
		bytes[i] = (uint8_t)(i / PAGE_SIZE);
	}
	for (size_t i = 0; i < size_bytes; i += PAGE_SIZE) {
		if (bytes[i] != (uint8_t)(i / PAGE_SIZE)) {
			return false;
		}
	}
	return true;
}

static bool keeps_writes_on_stack(void)
{
	volatile uint8_t bytes[4 * MIB];

	return keeps_writes(bytes, sizeof(bytes));
}

static void check(bool passed, const char *behaviour)
{
	static int number;

	vmbase_println("%sok %d - %s", passed ? "" : "not ", ++number, behaviour);
}

static void big(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg1, (void)arg2, (void)arg3;
	vmbase_println("1..8");
	check(constants[0] == FIRST && is_zero(constants + 1, sizeof(constants) - 2) &&
		      constants[4 * MIB] == LAST,
	      "large .rodata has its values");
	check(initialised[0] == FIRST && initialised[1] == LAST && thread_initialised == FIRST,
	      "variables have their initial values");
	check(is_zero(zeroed, sizeof(zeroed)) && is_zero(thread_zeroed, sizeof(thread_zeroed)),
	      "large .bss is zero");
	check(keeps_writes(zeroed, sizeof(zeroed)), "large .bss keeps what is written");
	check(keeps_writes(not_initialised, sizeof(not_initialised)), "large .noinit keeps what is written");
	check(keeps_writes(thread_zeroed, sizeof(thread_zeroed)), ".tbss keeps what is written");
	check(keeps_writes_on_stack(), "a large stack keeps what is written");
	// Only where a guest asks for it does the linker define its symbols, which map_test.py then checks.
	check(vmbase_layout_dtb().begin == arg0, "the device tree begins its region");
}

VMBASE_MAIN(big);
