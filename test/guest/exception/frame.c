// SPDX-License-Identifier: Apache-2.0

// A handler can read and change the state of the interrupted code, and cannot change it by accident.

#include "frame.h"
#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>

#include <stdio.h>
#include <string.h>

static struct vmbase_exception_frame seen;
static uint64_t seen_fpcr;
static enum { SPOIL, CHANGE, NEST, MOVE } action;
static int depth;
static bool inner_frame_is_right;
static char text[200];

#define SVC(number) __asm__ volatile("svc #" #number : : : "memory")

static uint64_t read_sp_el0(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, sp_el0" : "=r"(value));
	return value;
}

static uint64_t read_fpcr(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, fpcr" : "=r"(value));
	return value;
}

// Uses as many registers as possible: formatted output, mem functions with SIMD registers, and floating point
// with another rounding mode.
static void spoil_registers(void)
{
	char copy[sizeof(text)];

	snprintf(text, sizeof(text), "%d %s %llx", 42, "a handler", 0x123456789abcdefULL);
	memcpy(copy, text, sizeof(copy));
	memset(text, copy[0], sizeof(text));
	spoil_simd_registers();
}

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (frame->esr >> 26 != 0x15) {
		vmbase_exception_report("sync_exception_current", frame);
	}
	switch (action) {
	case SPOIL:
		seen = *frame;
		seen_fpcr = read_fpcr();
		spoil_registers();
		break;
	case CHANGE:
		for (uint64_t i = 0; i <= 28; i++) {
			frame->x[i] = 1000 + i;
		}
		frame->spsr |= UINT64_C(0xf) << 28; // NZCV
		break;
	case NEST:
		if (depth++ == 0) {
			seen = *frame;
			uint64_t sp_el0 = read_sp_el0();
			SVC(2);
			inner_frame_is_right = inner_frame_is_right && read_sp_el0() == sp_el0;
			inner_frame_is_right = inner_frame_is_right && memcmp(&seen, frame, sizeof(seen)) == 0;
		} else {
			struct vmbase_range stack = vmbase_layout_exception_stack();

			inner_frame_is_right = (frame->esr & 0xffff) == 2 && frame->sp >= stack.begin &&
					       frame->sp < stack.end && (frame->spsr & 0xf) == 5;
			spoil_registers();
		}
		break;
	case MOVE:
		frame->elr += 4; // skips an instruction
		break;
	}
}

static bool registers_arrive(void)
{
	for (uint64_t i = 0; i <= 30; i++) {
		// x29 is the frame pointer of the code under test.
		if (i != 29 && seen.x[i] != register_pattern(i)) {
			return false;
		}
	}
	return true;
}

static void frame(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	struct registers before, after;

	action = SPOIL;
	fill_registers(&before);
	svc_with_registers(&before, &after);
	tap_ok(registers_arrive(), "the frame has all general registers");
	tap_ok(seen.sp == after.sp, "the frame has the stack pointer");
	tap_ok(seen.elr == (uintptr_t)after_the_svc, "the frame has ELR_EL1");
	tap_ok((seen.spsr & 0xf) == 4, "the frame has SPSR_EL1: EL1t");
	tap_ok((seen.esr & 0xffff) == 1, "the frame has ESR_EL1");
	tap_ok(memcmp(before.x, after.x, sizeof(before.x)) == 0, "x0 to x30 are restored");
	tap_ok(memcmp(before.q, after.q, sizeof(before.q)) == 0, "q0 to q31 are restored");
	tap_ok(seen_fpcr == 0, "the handler runs with FPCR 0, round to nearest");
	tap_ok(before.fpcr == after.fpcr, "FPCR is restored");
	tap_ok(before.fpsr == after.fpsr, "FPSR is restored");
	tap_ok(after.sp % 16 == 0 && after.sp == after.sp_before, "the stack pointer is restored");

	action = CHANGE;
	svc_with_registers(&before, &after);
	bool changed = true;
	for (uint64_t i = 0; i <= 28; i++) {
		changed = changed && after.x[i] == 1000 + i;
	}
	tap_ok(changed, "a handler changes x registers");
	tap_ok(after.nzcv >> 28 == 0xf, "a handler changes spsr");

	action = MOVE;
	svc_with_registers(&before, &after);
	tap_ok(after.skipped == 1, "a handler changes elr");

	action = NEST;
	svc_with_registers(&before, &after);
	tap_ok(depth == 2 && inner_frame_is_right, "an exception in a handler has a frame of its own");
	tap_ok(memcmp(before.x, after.x, sizeof(before.x)) == 0 &&
		       memcmp(before.q, after.q, sizeof(before.q)) == 0,
	       "the frame of the outer exception is unchanged");
	tap_done();
}

VMBASE_MAIN(frame);
