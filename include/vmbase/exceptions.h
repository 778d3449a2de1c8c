// SPDX-License-Identifier: Apache-2.0

// Exceptions: what a handler is given, and the names of the eight handlers.
//
// A handler runs at EL1 on the exception stack (SP_EL1). All registers of the interrupted code, q0 to q31, FPCR
// and FPSR included, are saved before it and restored after it, so that it may be any C code. It begins with
// FPCR = 0, as a program does: round to nearest, no flush to zero, no trap. (FPMR stays as it was: code that
// uses FP8 sets it.) A handler prints with vmbase_eprintln(). An exception inside a handler nests: it gets a
// frame of its own further down the same stack.
//
// Masks (PSTATE.DAIF):
//
//                        debug D     SError A    IRQ I        FIQ F
//     boot               masked      masked      masked       masked
//     main               unmasked    unmasked    masked       masked
//     a handler          masked      masked      masked       masked
//     a crash report     masked      masked      masked       masked
//
// The boot unmasks SErrors and debug exceptions before the constructors run, when vectors and console are
// there. The guest itself unmasks IRQs and FIQs. The CPU masks all four when it takes an exception. An SError
// that arrives in a handler stays pending until the handler returns: serr_current() is then told of the
// interrupted code, not of the handler. A handler may unmask what it likes (MSR DAIFClr) and need not mask it
// again before it returns: the way back does, and spsr says what is masked afterwards. A guest that leaves
// itself for another program masks all four first (MSR DAIFSet, #15): Linux's boot protocol asks for it.
//
// Each handler has a default that reports the exception on the console and ends the VM; that of
// sync_exception_current() first asks the memory tracker (<vmbase/tracker.h>), where the guest uses it, whether
// that was a fault to be handled. To replace one, define the function; the other defaults stay. With the build
// option -Ddefault_handlers=false there are no defaults, and a guest that lacks a handler does not link.

#ifndef VMBASE_EXCEPTIONS_H
#define VMBASE_EXCEPTIONS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The interrupted code's state. What a handler writes here takes effect when it returns: elr is where
// execution goes on, spsr the processor state it goes on in.
struct vmbase_exception_frame {
	uint64_t x[31];
	// The interrupted stack pointer: SP_EL0, or SP_EL1 where the exception came out of a handler.
	// Writing the latter has no effect.
	uint64_t sp;
	uint64_t elr;  // ELR_EL1: the instruction that faulted, or that comes next
	uint64_t spsr; // SPSR_EL1
	uint64_t esr;  // ESR_EL1: the syndrome; meaningless for IRQ and FIQ
	uint64_t far;  // FAR_EL1: the address that faulted, where the syndrome says that it is valid
};

// Exceptions taken from EL1, out of main or out of a handler.
void sync_exception_current(struct vmbase_exception_frame *frame);
void irq_current(struct vmbase_exception_frame *frame);
void fiq_current(struct vmbase_exception_frame *frame);
void serr_current(struct vmbase_exception_frame *frame);

// Exceptions taken from EL0, where a guest runs code there.
void sync_lower(struct vmbase_exception_frame *frame);
void irq_lower(struct vmbase_exception_frame *frame);
void fiq_lower(struct vmbase_exception_frame *frame);
void serr_lower(struct vmbase_exception_frame *frame);

// Prints what the default handlers print and ends the VM (VMBASE_CRASH_END): for a handler that deals with some
// exceptions and not with others. `name` says what was taken, for example "sync_exception_current".
//
// The report is that of <vmbase/panic.h>, with the syndrome in words: for a BRK, what the compiler means by it,
// such as the check of -fsanitize=undefined -fsanitize-trap=undefined that has failed. The interrupted
// instruction comes first in its backtrace. While it is being made, a further exception ends the VM at once.
__attribute__((noreturn)) void vmbase_exception_report(const char *name,
						       const struct vmbase_exception_frame *frame);

#ifdef __cplusplus
}
#endif

#endif
