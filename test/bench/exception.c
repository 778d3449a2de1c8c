// SPDX-License-Identifier: Apache-2.0

// Takes one exception, comes back from it, and says so through the formatter, by which no byte of hello's
// goes: measure.py finds all of it in the log.

#include <vmbase/console.h>
#include <vmbase/exceptions.h>
#include <vmbase/main.h>

#define INSTRUCTION_BYTES 4

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	frame->elr += INSTRUCTION_BYTES;
}

static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	__asm__ volatile("brk #0" ::: "memory");
	vmbase_println("%s", "back again");
}

VMBASE_MAIN(guest);
