// SPDX-License-Identifier: Apache-2.0

// What is told of the VMM itself where it dies of a signal: nobody is there to look at it afterwards.

#ifndef CRASH_H
#define CRASH_H

#include "vm.h"

#include <signal.h>

// What this thread is at, for the report: a constant text, and the CPU that it is for or NULL.
void crash_note(const char *doing, const struct vcpu *cpu);

// Has the signals that end a program reported, from the thread that calls it first of all on.
void crash_watch(void);

// A handler of such a signal calls it first, before any access to a _Thread_local object: a faulty host kernel
// can return from KVM_RUN with the guest's TPIDR_EL0, which such an access goes by. Gives the thread that
// called crash_watch() its own TPIDR_EL0 again. A handler accesses _Thread_local objects only in functions that
// are not inlined, because the compiler reads TPIDR_EL0 once per function.
void crash_restore_thread_pointer(void);

// For a handler of such a signal (SA_SIGINFO, SA_ONSTACK) that has no use for it: reports it, and dies of it.
__attribute__((noreturn)) void crash_tell(int signal_number, siginfo_t *info, void *context);

#endif
