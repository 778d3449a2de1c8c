// SPDX-License-Identifier: Apache-2.0

// One CPU of the VM.

#ifndef VCPU_H
#define VCPU_H

#include "vm.h"

#include <stdbool.h>
#include <stdint.h>

// Makes CPU number `index`. All but CPU 0 are off until the guest calls PSCI's CPU_ON.
void vcpu_create(struct vm *vm, unsigned int index);

// General registers x0 to x30, and the program counter.
uint64_t vcpu_get_x(const struct vcpu *cpu, unsigned int index);
void vcpu_set_x(const struct vcpu *cpu, unsigned int index, uint64_t value);
uint64_t vcpu_get_pc(const struct vcpu *cpu);
void vcpu_set_pc(const struct vcpu *cpu, uint64_t value);

// "pc 0x…", for a report; good until the next call. A hypervisor may keep a protected guest's registers to
// itself: the text then says so.
const char *vcpu_describe_pc(const struct vcpu *cpu);

// When the CPU next runs, it takes a synchronous external data abort, on the instruction at its program
// counter: for an MMIO exit that is the access.
void vcpu_inject_external_abort(const struct vcpu *cpu);

// The CPU takes an SError after the instruction at its program counter, which is an MMIO access, as soon as
// PSTATE.A lets it. KVM_RUN first completes the access and returns EINTR: otherwise a newer KVM (seen: 7.3)
// takes the SError before the program counter has moved on, and the guest repeats the access.
void vcpu_inject_serror(struct vcpu *cpu);

// To be called when KVM_RUN has returned EINTR.
void vcpu_complete_exit(struct vcpu *cpu);

#endif
