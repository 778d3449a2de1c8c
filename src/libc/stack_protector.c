// SPDX-License-Identifier: Apache-2.0

// The guard value of -fstack-protector. __stack_chk_fail() is in ../crash/report_entry.S.

#include "stack_protector.h"

#include <vmbase/console.h>
#include <vmbase/entropy.h>

#include "../entropy/entropy_sources.h"

#include <stdint.h>

extern uint64_t __stack_chk_guard;

// The first byte in memory stays 0: see <vmbase/entropy.h>.
#define GUARD_MASK (~UINT64_C(0xff))

uint64_t __stack_chk_guard = VMBASE_STACK_GUARD_WITHOUT_ENTROPY;

// Without protection of its own: the function changes the guard between its entry and its return.
__attribute__((no_stack_protector)) void vmb_stack_protector_init(void)
{
	struct vmb_entropy_block block;

	if (vmb_entropy_read_block(&block) != VMBASE_OK) {
		vmbase_println("# vmbase: no entropy, the stack protector's guard is the same at every boot");
		return;
	}
	__stack_chk_guard = block.words[1] & GUARD_MASK;
	vmb_entropy_wipe(&block);
}
