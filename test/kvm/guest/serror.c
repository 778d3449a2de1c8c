// SPDX-License-Identifier: Apache-2.0

// SErrors that the host makes pending: in main they come at once, in a handler when it returns or unmasks them.

#include "../../guest/support/tap.h"
#include "host.h"

#include <vmbase/exceptions.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>

static unsigned int serrors;
static uint64_t last_sp;
static uint64_t last_esr;
static bool handler_unmasks;
static unsigned int serrors_in_handler;

void serr_current(struct vmbase_exception_frame *frame)
{
	serrors++;
	last_sp = frame->sp;
	last_esr = frame->esr;
}

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (frame->esr >> 26 != 0x15) {
		vmbase_exception_report("sync_exception_current", frame);
	}
	host_make_serror_pending();
	if (handler_unmasks) {
		__asm__ volatile("msr daifclr, #4\n\tisb" : : : "memory");
	}
	serrors_in_handler = serrors;
}

static bool is_in(struct vmbase_range range, uint64_t address)
{
	return address > range.begin && address <= range.end;
}

static void serror(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	host_make_serror_pending();
	__asm__ volatile("isb" : : : "memory");
	tap_ok(serrors == 1 && is_in(vmbase_layout_main_stack(), last_sp), "main is interrupted by an SError");
	tap_ok(last_esr >> 26 == 0x2f, "the syndrome says so");

	__asm__ volatile("svc #0" : : : "memory");
	tap_ok(serrors_in_handler == 1, "a handler is not interrupted");
	tap_ok(serrors == 2 && is_in(vmbase_layout_main_stack(), last_sp),
	       "the SError interrupts main after the handler returned");

	handler_unmasks = true;
	__asm__ volatile("svc #0" : : : "memory");
	tap_ok(serrors_in_handler == 3 && is_in(vmbase_layout_exception_stack(), last_sp),
	       "a handler that unmasks SErrors is interrupted");
	tap_ok(serrors == 3, "once");
	tap_done();
}

VMBASE_MAIN(serror);
