// SPDX-License-Identifier: Apache-2.0

// The memory of the image that the running code needs.

#include "in_use.h"

#include "../image/symbols.h"

// The distance below the caller's stack pointer that a change of a table may use.
#define STACK_BELOW 2048
#define FRAME_RECORD 16

void vmb_in_use(struct vmb_in_use in_use[VMB_IN_USE_COUNT])
{
	const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	const struct vmb_in_use all[VMB_IN_USE_COUNT] = {
		{ { (uintptr_t)vmb_text_begin, (uintptr_t)vmb_text_end }, VMB_USE_EXECUTE },
		{ { (uintptr_t)vmb_rodata_begin, (uintptr_t)vmb_rodata_end }, VMB_USE_READ },
		{ { (uintptr_t)vmb_main_stack_begin, (uintptr_t)vmb_main_stack_end }, VMB_USE_WRITE },
		{ { (uintptr_t)vmb_exception_stack_begin, (uintptr_t)vmb_exception_stack_end }, VMB_USE_WRITE },
		{ { (uintptr_t)vmb_data_begin, (uintptr_t)vmb_bss_end }, VMB_USE_WRITE },
		// The surroundings of the stack pointer: the guest may have made the stack itself.
		{ { frame - STACK_BELOW, frame + FRAME_RECORD }, VMB_USE_WRITE },
	};

	for (int i = 0; i < VMB_IN_USE_COUNT; i++) {
		in_use[i] = all[i];
	}
}
