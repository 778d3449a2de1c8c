// SPDX-License-Identifier: Apache-2.0

// Accesses that may fault: the implementation.

#include "probe.h"

#include <vmbase/exceptions.h>

uint64_t probe_far;

static uintptr_t resume_at; // 0: no probe in progress
static uint64_t fault_esr;

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (resume_at == 0) {
		vmbase_exception_report("sync_exception_current", frame);
	}
	fault_esr = frame->esr;
	probe_far = frame->far;
	frame->elr = resume_at;
	resume_at = 0;
}

#define PROBE(instructions, address)                                                                           \
	do {                                                                                                   \
		fault_esr = 0;                                                                                 \
		__asm__ volatile("adr x9, 1f\n\t"                                                              \
				 "str x9, %0\n\t" instructions "\n"                                            \
				 "1:"                                                                          \
				 : "=m"(resume_at)                                                             \
				 : "r"(address)                                                                \
				 : "x9", "x30", "memory");                                                     \
		resume_at = 0;                                                                                 \
	} while (0)

uint64_t probe_read(uintptr_t address)
{
	PROBE("ldrb w9, [%1]", address);
	return fault_esr;
}

uint64_t probe_write(uintptr_t address)
{
	PROBE("ldrb w9, [%1]\n\tstrb w9, [%1]", address);
	return fault_esr;
}

uint64_t probe_execute(uintptr_t address)
{
	PROBE("blr %1", address);
	return fault_esr;
}

uint64_t probe_read32(uintptr_t address)
{
	PROBE("ldr w9, [%1]", address);
	return fault_esr;
}

uint64_t probe_write32(uintptr_t address)
{
	PROBE("str wzr, [%1]", address);
	return fault_esr;
}
