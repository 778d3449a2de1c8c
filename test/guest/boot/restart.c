// SPDX-License-Identifier: Apache-2.0

// After a reset that does not load the image again, variables have their initial values. The guest writes to
// its variables, turns the MMU off and enters its entry point a second time, with a mark in x3.

#include "../support/tap.h"

#include <vmbase/main.h>

#define SECOND_TIME UINT64_C(0x5ec0)

static uint64_t initialised = 7;
static uint64_t zeroed;
static _Thread_local uint64_t thread_initialised = 8;
static _Thread_local uint64_t thread_zeroed;

_Noreturn void enter_again(uint64_t arg0, uint64_t mark); // restart_entry.S

static void restart(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg1, (void)arg2;
	if (arg3 != SECOND_TIME) {
		initialised = 100;
		zeroed = 101;
		thread_initialised = 102;
		thread_zeroed = 103;
		enter_again(arg0, SECOND_TIME);
	}
	tap_ok(initialised == 7 && thread_initialised == 8, ".data is as it was in the image");
	tap_ok(zeroed == 0 && thread_zeroed == 0, ".bss is zero");
	tap_done();
}

VMBASE_MAIN(restart);
