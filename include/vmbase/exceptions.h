// SPDX-License-Identifier: Apache-2.0

// Exceptions: the names of the eight handlers, and the state of the interrupted code.
//
// A handler runs at EL1 on the exception stack (SP_EL1). All registers of the interrupted code, q0 to q31, FPCR
// and FPSR included, are saved before the handler and restored after it: a handler may be any C code. A handler
// begins with FPCR = 0, as a program does: round to nearest, no flush to zero, no trap. (FPMR is not changed:
// code that uses FP8 sets it.) A handler prints with vmbase_eprintln(). Exceptions nest: an exception inside a
// handler gets its own frame further down the same stack.
//
// Masks (PSTATE.DAIF):
//
//                        debug D     SError A    IRQ I        FIQ F
//     boot               masked      masked      masked       masked
//     main               unmasked    unmasked    masked       masked
//     a handler          masked      masked      masked       masked
//     a crash report     masked      masked      masked       masked
//
// The boot unmasks SErrors and debug exceptions before the constructors run, when the vectors and the console
// are ready. The guest itself unmasks IRQs and FIQs. The CPU masks all four when it takes an exception. An
// SError that arrives in a handler stays pending until the handler returns: the frame of serr_current() is then
// the state of the interrupted code, not of the handler. A handler may unmask exceptions (MSR DAIFClr). It need
// not mask them again before it returns: the return path masks all four, and then restores the masks from spsr.
// A guest that starts another program masks all four before (MSR DAIFSet, #15): Linux's boot protocol requires
// it.
//
// Each handler has a default, which reports the exception on the console and ends the VM. If the guest uses the
// memory tracker (<vmbase/tracker.h>), the default sync_exception_current() lets the tracker handle its faults
// first. To replace a handler, define the function; the other defaults stay. With the build option
// -Ddefault_handlers=false there are no defaults, and a guest that lacks a handler does not link.

#ifndef VMBASE_EXCEPTIONS_H
#define VMBASE_EXCEPTIONS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The state of the interrupted code. Values that a handler writes take effect when it returns: execution
// continues at elr, with the processor state spsr.
struct vmbase_exception_frame {
	uint64_t x[31];
	// The stack pointer of the interrupted code: SP_EL0, or SP_EL1 if the exception was taken in a handler.
	// In the second case, a value that the handler writes here has no effect.
	uint64_t sp;
	uint64_t elr;  // ELR_EL1: the instruction that faulted, or the next one
	uint64_t spsr; // SPSR_EL1
	uint64_t esr;  // ESR_EL1: the syndrome; meaningless for IRQ and FIQ
	uint64_t far;  // FAR_EL1: the address that faulted, if the syndrome says that it is valid
};

// Handle the exceptions that are taken from EL1, from main or from a handler. The library calls these
// functions.
void sync_exception_current(struct vmbase_exception_frame *frame);
void irq_current(struct vmbase_exception_frame *frame);
void fiq_current(struct vmbase_exception_frame *frame);
void serr_current(struct vmbase_exception_frame *frame);

// Handle the exceptions that are taken from EL0, if the guest runs code there. The library calls these
// functions.
void sync_lower(struct vmbase_exception_frame *frame);
void irq_lower(struct vmbase_exception_frame *frame);
void fiq_lower(struct vmbase_exception_frame *frame);
void serr_lower(struct vmbase_exception_frame *frame);

// Prints the crash report of the default handlers and ends the VM (VMBASE_CRASH_END): for a handler that
// handles only some exceptions. `name` is the name of the exception in the report, for example
// "sync_exception_current".
//
// The report is described in <vmbase/panic.h>. It also has the syndrome in words; for a BRK it has the
// compiler's meaning of the instruction, such as the failed check of -fsanitize=undefined
// -fsanitize-trap=undefined. The backtrace begins with the interrupted instruction. An exception during the
// report ends the VM at once.
//
// Context: any
__attribute__((noreturn)) void vmbase_exception_report(const char *name,
						       const struct vmbase_exception_frame *frame);

#ifdef __cplusplus
}
#endif

#endif
