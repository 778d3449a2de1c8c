// SPDX-License-Identifier: Apache-2.0

// The hypercalls that the VMM answers in KVM's stead.

#ifndef HYPERCALL_H
#define HYPERCALL_H

#include "vm.h"

#include <stdbool.h>
#include <stdint.h>

// Results in x0 (Arm DEN0028, SMC Calling Convention, "Return codes").
#define SMCCC_SUCCESS INT64_C(0)
#define SMCCC_NOT_SUPPORTED INT64_C(-1)
#define SMCCC_NOT_REQUIRED INT64_C(-2)
#define SMCCC_INVALID_PARAMETER INT64_C(-3)

enum {
	HYPERCALL_ARGUMENTS = 3, // x1 to x3, as far as anything here has them
	HYPERCALL_RESULTS = 4,   // x0 to x3
};

struct hypercall {
	uint32_t id;
	uint64_t arguments[HYPERCALL_ARGUMENTS]; // of a 32-bit call the low halves
	uint64_t results[HYPERCALL_RESULTS];
	bool aborts; // instead of a result, an external abort on the instruction
};

// Has KVM forward the calls that the options ask for. Ends the process where it cannot. Before any CPU runs.
void hypercall_init(const struct vm *vm);

// Answers the call that a CPU has exited for.
void hypercall_handle(struct vcpu *cpu);

// True if x1 to x3 are zero. A call without arguments may insist on that.
bool hypercall_has_no_arguments(const struct hypercall *call);

// Calls answered so far.
uint64_t hypercall_count(void);

// Reports them by function ID, if any are forwarded.
void hypercall_report(void);

#endif
