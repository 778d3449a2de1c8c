// SPDX-License-Identifier: Apache-2.0

#include "hypercall.h"

#include "end.h"
#include "guard.h"
#include "kvm.h"
#include "report.h"
#include "sharing.h"
#include "trng.h"
#include "vcpu.h"
#include "vendor.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

// The SMCCC filter came with Linux 6.4, and a C library's headers may be older.
#ifndef KVM_ARM_VM_SMCCC_CTRL
#define KVM_ARM_VM_SMCCC_CTRL 0
#define KVM_ARM_VM_SMCCC_FILTER 0
#define KVM_SMCCC_FILTER_FWD_TO_USER 2

struct kvm_smccc_filter {
	__u32 base;
	__u32 nr_functions;
	__u8 action;
	__u8 pad[15];
};
#endif

enum {
	INSTRUCTION_SIZE = 4,
	IDS_MAX = 32,
	TEXT_MAX = 2048, // room for as many IDs, with their counts
};

#define ID_SMC64 0x40000000 // without this bit the arguments are 32 bits wide

struct range {
	uint32_t base;
	uint32_t count;
};

static const struct range vendor_ranges[] = {
	{ .base = 0x86000000, .count = 0x10000 },
	{ .base = 0xc6000000, .count = 0x10000 },
};

static const struct range trng_ranges[] = {
	{ .base = 0x84000050, .count = 4 },
	{ .base = 0xc4000053, .count = 1 },
};

static bool (*const answerers[])(struct hypercall *call) = {
	guard_answer,
	sharing_answer,
	trng_answer,
	vendor_answer,
};

// How often each function ID was called; and `others`, those that found no room.
static struct {
	uint32_t id;
	uint64_t calls;
} counts[IDS_MAX];
static size_t ids;
static uint64_t others;
static uint64_t total;
static bool filters;

static void forward(const struct vm *vm, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kvm_smccc_filter filter = {
			.base = ranges[i].base,
			.nr_functions = ranges[i].count,
			.action = KVM_SMCCC_FILTER_FWD_TO_USER,
		};

		kvm_set_attribute(vm->fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &filter,
				  "KVM_SET_DEVICE_ATTR of the SMCCC filter");
	}
	filters = true;
}

void hypercall_init(const struct vm *vm)
{
	const struct options *options = vm->options;
	bool answers_vendor = options->hypervisor != HYPERVISOR_HOST;
	bool answers_trng = options->trng.mode != TRNG_HOST;

	if (!answers_vendor && !answers_trng) {
		return;
	}
	if (options->protected_vm) {
		end(END_FAILED, "no hypercalls can be emulated: KVM has no SMCCC filter for protected VMs");
	}
	if (!kvm_has_attribute(vm->fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER)) {
		end(END_FAILED,
		    "no hypercalls can be emulated: the host's KVM has no SMCCC filter (Linux 6.4)");
	}
	if (answers_vendor) {
		forward(vm, vendor_ranges, ARRAY_SIZE(vendor_ranges));
	}
	if (answers_trng) {
		forward(vm, trng_ranges, ARRAY_SIZE(trng_ranges));
	}
	guard_init(options, &vm->ram);
	sharing_init(options, &vm->ram);
	trng_init(options);
	vendor_init(options);
}

static void count(uint32_t id)
{
	size_t i = 0;

	total++;
	while (i < ids && counts[i].id != id) {
		i++;
	}
	if (i == ids && ids < IDS_MAX) {
		counts[ids++].id = id;
	}
	if (i < ids) {
		counts[i].calls++;
	} else {
		others++;
	}
}

static void answer(struct hypercall *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(answerers); i++) {
		if (answerers[i](call)) {
			return;
		}
	}
	call->results[0] = (uint64_t)SMCCC_NOT_SUPPORTED;
}

void hypercall_handle(struct vcpu *cpu)
{
	struct hypercall call = { .id = (uint32_t)cpu->run->hypercall.nr };

	for (unsigned int i = 0; i < HYPERCALL_ARGUMENTS; i++) {
		uint64_t x = vcpu_get_x(cpu, i + 1);

		call.arguments[i] = (call.id & ID_SMC64) != 0 ? x : (uint32_t)x;
	}
	count(call.id);
	answer(&call);
	if (call.aborts) {
		// The program counter is past the instruction already.
		vcpu_set_pc(cpu, vcpu_get_pc(cpu) - INSTRUCTION_SIZE);
		vcpu_inject_external_abort(cpu);
		return;
	}
	for (unsigned int i = 0; i < HYPERCALL_RESULTS; i++) {
		vcpu_set_x(cpu, i, call.results[i]);
	}
}

bool hypercall_has_no_arguments(const struct hypercall *call)
{
	return (call->arguments[0] | call->arguments[1] | call->arguments[2]) == 0;
}

uint64_t hypercall_count(void)
{
	return total;
}

void hypercall_report(void)
{
	char text[TEXT_MAX] = "";
	size_t length = 0;

	if (!filters) {
		return;
	}
	for (size_t i = 0; i < ids && length < sizeof(text); i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s 0x%08" PRIx32 " %" PRIu64,
					   i == 0 ? ":" : ",", counts[i].id, counts[i].calls);
	}
	if (others > 0 && length < sizeof(text)) {
		snprintf(text + length, sizeof(text) - length, ", others %" PRIu64, others);
	}
	report("hypercalls %" PRIu64 "%s", total, text);
}
