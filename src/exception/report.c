// SPDX-License-Identifier: Apache-2.0

// What is printed when a guest crashes.

#include <vmbase/console.h>
#include <vmbase/exceptions.h>
#include <vmbase/layout.h>
#include <vmbase/power.h>

#include "../boot/boot.h"
#include "../memory/layout.h"
#include "backtrace.h"
#include "esr.h"
#include "frame.h"

#include <inttypes.h>

#define BACKTRACE_MAX 32

// From here on a fault resets at once: the report cannot report its own.
static void use_early_vectors(void)
{
	__asm__ volatile("msr vbar_el1, %0\n\t"
			 "isb" // before anything that could fault
			 :
			 : "r"(vmb_early_vectors)
			 : "memory");
}

// Whether the exception came of the main stack's end: an access to its guard, or any fault of code that
// has moved its stack pointer below the stack already.
static bool is_main_stack_overflow(const struct vmbase_exception_frame *frame, struct vmb_esr esr)
{
	uintptr_t guard_begin = (uintptr_t)vmb_main_stack_guard_begin;
	uintptr_t stack_begin = vmbase_layout_main_stack().begin;

	return esr.is_data_abort && ((frame->far >= guard_begin && frame->far < stack_begin) ||
				     (frame->sp < stack_begin && frame->sp >= vmbase_layout_rodata().end));
}

static void print_syndrome(const struct vmbase_exception_frame *frame)
{
	struct vmb_esr esr = vmb_esr_decode(frame->esr);

	vmbase_eprint("%s", esr.class_name);
	if (esr.fault_status != NULL) {
		vmbase_eprint(", %s", esr.fault_status);
	}
	if (esr.level >= 0) {
		vmbase_eprint(", level %d", esr.level);
	}
	if (esr.is_data_abort) {
		vmbase_eprint(", %s", esr.is_write ? "write" : "read");
	}
	if (esr.far_valid) {
		vmbase_eprint(", address 0x%016" PRIx64, frame->far);
	}
	vmbase_eprintln("");
	if (is_main_stack_overflow(frame, esr)) {
		vmbase_eprintln("main stack overflow: the stack ends at 0x%016" PRIxPTR,
				vmbase_layout_main_stack().begin);
	}
}

static void print_registers(const struct vmbase_exception_frame *frame)
{
	for (int i = 0; i < 31; i++) {
		vmbase_eprint("%sx%-2d 0x%016" PRIx64 "%s", i % 4 == 0 ? "  " : " ", i, frame->x[i],
			      i % 4 == 3 ? "\n" : "");
	}
	vmbase_eprintln(" sp  0x%016" PRIx64, frame->sp);
	vmbase_eprintln("  elr 0x%016" PRIx64 " spsr 0x%016" PRIx64 " esr 0x%016" PRIx64 " far 0x%016" PRIx64,
			frame->elr, frame->spsr, frame->esr, frame->far);
}

static void print_backtrace(const struct vmbase_exception_frame *frame)
{
	uintptr_t addresses[BACKTRACE_MAX];
	size_t count = vmb_backtrace(frame->x[29], vmbase_layout_exception_stack(), vmbase_layout_main_stack(),
				     addresses, BACKTRACE_MAX);

	vmbase_eprintln("backtrace:");
	vmbase_eprintln("  0x%016" PRIx64, frame->elr);
	for (size_t i = 0; i < count; i++) {
		vmbase_eprintln("  0x%016" PRIxPTR, addresses[i]);
	}
}

void vmbase_exception_report(const char *name, const struct vmbase_exception_frame *frame)
{
	use_early_vectors();
	vmbase_eprint("\n%s: ", name);
	print_syndrome(frame);
	print_registers(frame);
	print_backtrace(frame);
	vmbase_reboot();
}

// Called by vectors.S with an exception stack that has been emptied; only system registers are left of
// what happened.
_Noreturn void vmb_report_exception_stack_overflow(uintptr_t sp);
void vmb_report_exception_stack_overflow(uintptr_t sp)
{
	uint64_t elr, esr, far;

	__asm__("mrs %0, elr_el1" : "=r"(elr));
	__asm__("mrs %0, esr_el1" : "=r"(esr));
	__asm__("mrs %0, far_el1" : "=r"(far));
	vmbase_emergency_write_str("\nexception stack overflow\n");
	vmbase_eprintln("  sp 0x%016" PRIxPTR " elr 0x%016" PRIx64 " esr 0x%016" PRIx64 " far 0x%016" PRIx64,
			sp, elr, esr, far);
	vmbase_reboot();
}
