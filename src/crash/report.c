// SPDX-License-Identifier: Apache-2.0

// Prints the crash report. src/tools/vmbase-symbolize reads the report, on behalf of vmbase-run too.

#include <vmbase/console.h>
#include <vmbase/exceptions.h>
#include <vmbase/layout.h>

#include "../arch/esr.h"
#include "../arch/sysreg.h"
#include "../arch/vectors.h"
#include "../console/console_driver.h"
#include "../exception/early_vectors.h"
#include "../exception/frame.h"
#include "../image/symbols.h"
#include "backtrace.h"
#include "symbol_print.h"

#include <inttypes.h>
#include <stdarg.h>

#define BACKTRACE_MAX 32

// Called by report_entry.S, on a stack with enough room.
_Noreturn void vmb_report_exception(const char *name, const struct vmbase_exception_frame *frame);
_Noreturn void vmb_report_panic(const struct vmb_frame *frame);

// The first line reports the crash even if the rest faults. It names the image that the addresses belong to.
static void begin_report(void)
{
	// A fault in the report ends the VM at once: a report cannot report its own faults.
	vmb_use_vectors(vmb_early_vectors);
	vmbase_eprint("\ncrash report of build ");
	for (const unsigned char *byte = vmb_build_id_begin; byte < vmb_build_id_end; byte++) {
		vmbase_eprint("%02x", *byte);
	}
	vmbase_eprint(", offset 0x%016" PRIxPTR "\n", (uintptr_t)vmb_text_begin - vmb_text_linked);
}

// Returns whether the main stack overflowed. Either the access hit the stack's guard, or the access was made by
// a function on SP_EL0 whose frame begins in the stack and ends below the stack.
static bool is_main_stack_overflow(const struct vmbase_exception_frame *frame, struct vmb_esr esr)
{
	const uintptr_t guard_begin = (uintptr_t)vmb_main_stack_guard_begin;
	const struct vmbase_range stack = vmbase_layout_main_stack();
	const uint64_t frame_pointer = frame->x[29];

	return esr.is_access && ((frame->far >= guard_begin && frame->far < stack.begin) ||
				 ((frame->spsr & SPSR_EL1_SP) == 0 && frame->sp < stack.begin &&
				  frame_pointer >= stack.begin && frame_pointer < stack.end));
}

static void print_syndrome(const struct vmbase_exception_frame *frame)
{
	struct vmb_esr esr = vmb_esr_decode(frame->esr);

	vmbase_eprint("%s", esr.class_name);
	if (esr.cause != NULL) {
		vmbase_eprint(", %s", esr.cause);
	}
	if (esr.level != VMB_ESR_NO_LEVEL) {
		vmbase_eprint(", level %d", esr.level);
	}
	if (esr.is_access) {
		vmbase_eprint(", %s", esr.is_write ? "write" : "read");
	}
	if (esr.far_valid) {
		vmbase_eprint(", address 0x%016" PRIx64, frame->far);
	}
	if (is_main_stack_overflow(frame, esr)) {
		vmbase_eprint("\nmain stack overflow: the stack ends at 0x%016" PRIxPTR,
			      vmbase_layout_main_stack().begin);
	}
}

static void print_registers(const struct vmbase_exception_frame *frame)
{
	for (int i = 0; i < 31; i++) {
		vmbase_eprint("%sx%-2d 0x%016" PRIx64, i % 4 == 0 ? "\n  " : " ", i, frame->x[i]);
	}
	vmbase_eprint(" sp  0x%016" PRIx64 "\n", frame->sp);
}

static void print_address(uintptr_t address, uintptr_t instruction)
{
	vmbase_eprint("\n  0x%016" PRIxPTR, address);
	vmb_print_symbol(address, instruction);
}

static void print_return_address(uintptr_t address)
{
	print_address(address, address - 1);
}

static _Noreturn void end_report(const struct vmbase_exception_frame *frame)
{
	uintptr_t addresses[BACKTRACE_MAX];
	size_t count = vmb_backtrace(frame, vmbase_layout_exception_stack(), vmbase_layout_main_stack(),
				     addresses, BACKTRACE_MAX);

	vmbase_eprint("backtrace:");
	print_address(frame->elr, frame->elr);
	for (size_t i = 0; i < count; i++) {
		print_return_address(addresses[i]);
	}
	vmbase_eprint("\n");
	vmb_give_up();
}

void vmb_report_exception(const char *name, const struct vmbase_exception_frame *frame)
{
	begin_report();
	vmbase_eprint("%s: ", name);
	print_syndrome(frame);
	print_registers(frame);
	vmbase_eprint("  elr 0x%016" PRIx64 " spsr 0x%016" PRIx64 " esr 0x%016" PRIx64 " far 0x%016" PRIx64
		      "\n",
		      frame->elr, frame->spsr, frame->esr, frame->far);
	end_report(frame);
}

void vmb_report_panic(const struct vmb_frame *frame)
{
	// Builds the va_list of vmbase_panic()'s arguments in the saved registers and on the stack (AAPCS64,
	// The va_list type). x0 is the format.
	va_list args;

	args.__stack = (void *)frame->general.sp; // NOLINT(performance-no-int-to-ptr)
	args.__gr_top = (void *)&frame->general.x[8];
	args.__vr_top = (void *)&frame->q[8];
	args.__gr_offs = -7 * (int)sizeof(frame->general.x[0]);
	args.__vr_offs = -8 * (int)sizeof(frame->q[0]);
	begin_report();
	vmb_console_write_str("panic: ");
	vmb_console_vprint((const char *)frame->general.x[0], args); // NOLINT(performance-no-int-to-ptr)
	print_registers(&frame->general);
	end_report(&frame->general);
}
