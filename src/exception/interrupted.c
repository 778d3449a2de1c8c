// SPDX-License-Identifier: Apache-2.0

#include "interrupted.h"

#include "../memory/layout.h"
#include "backtrace.h"
#include "return_register.h"

#define INSTRUCTION_BYTES sizeof(uint32_t)

// The register that the interrupted code was going to return by.
static int return_register(uintptr_t elr)
{
	const uintptr_t text = (uintptr_t)vmb_text_begin;
	const size_t count = ((uintptr_t)vmb_text_end - text) / INSTRUCTION_BYTES;
	const size_t index = (elr - text) / INSTRUCTION_BYTES;

	// A jump to nowhere has come from where the link register says.
	if (elr % INSTRUCTION_BYTES != 0 || elr < text || index >= count) {
		return 30;
	}
	return vmb_return_register((const uint32_t *)text, count, index); // NOLINT(performance-no-int-to-ptr)
}

size_t vmb_interrupted_backtrace(const struct vmbase_exception_frame *frame, uintptr_t *addresses,
				 size_t capacity)
{
	const int number = return_register(frame->elr);
	size_t count = 0;

	if (number != RETURN_REGISTER_NONE && capacity > 0) {
		addresses[count++] = frame->x[number];
	}
	return count + vmb_backtrace(frame->x[29], vmbase_layout_exception_stack(), vmbase_layout_main_stack(),
				     addresses + count, capacity - count);
}
