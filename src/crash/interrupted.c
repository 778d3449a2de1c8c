// SPDX-License-Identifier: Apache-2.0

// Finds the return address of interrupted code that has no frame record: not yet, or no longer.

#include "../image/symbols.h"
#include "backtrace.h"
#include "return_register.h"

#define INSTRUCTION_BYTES sizeof(uint32_t)

uintptr_t vmb_return_address(const struct vmbase_exception_frame *frame)
{
	const uintptr_t text = (uintptr_t)vmb_text_begin;
	const size_t count = ((uintptr_t)vmb_text_end - text) / INSTRUCTION_BYTES;
	const size_t index = (frame->elr - text) / INSTRUCTION_BYTES;
	// After a jump to an address outside the code, the link register has the return address.
	int number = 30;

	if (frame->elr % INSTRUCTION_BYTES == 0 && frame->elr >= text && index < count) {
		const uint32_t *code = (const uint32_t *)text; // NOLINT(performance-no-int-to-ptr)

		number = vmb_return_register(code, count, index);
	}
	return number != RETURN_REGISTER_NONE ? frame->x[number] : 0;
}
