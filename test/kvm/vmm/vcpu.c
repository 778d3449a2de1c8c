// SPDX-License-Identifier: Apache-2.0

#include "vcpu.h"

#include "end.h"
#include "kvm.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

enum {
	DESCRIPTION_MAX = 32,
};

// Core registers are numbered by their place in struct kvm_regs, in units of 32 bits.
#define CORE_REGISTER(member)                                                                                  \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(member))

static uint64_t x_register(unsigned int index)
{
	return CORE_REGISTER(regs.regs[0]) + index * (sizeof(uint64_t) / sizeof(uint32_t));
}

static uint64_t get_register(const struct vcpu *cpu, uint64_t id)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	KVM_IOCTL_WITH(cpu->fd, KVM_GET_ONE_REG, &reg);
	return value;
}

static void set_register(const struct vcpu *cpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	KVM_IOCTL_WITH(cpu->fd, KVM_SET_ONE_REG, &reg);
}

uint64_t vcpu_get_x(const struct vcpu *cpu, unsigned int index)
{
	return get_register(cpu, x_register(index));
}

void vcpu_set_x(const struct vcpu *cpu, unsigned int index, uint64_t value)
{
	set_register(cpu, x_register(index), value);
}

uint64_t vcpu_get_pc(const struct vcpu *cpu)
{
	return get_register(cpu, CORE_REGISTER(regs.pc));
}

void vcpu_set_pc(const struct vcpu *cpu, uint64_t value)
{
	set_register(cpu, CORE_REGISTER(regs.pc), value);
}

const char *vcpu_describe_pc(const struct vcpu *cpu)
{
	static char text[DESCRIPTION_MAX];
	uint64_t pc = 0;
	struct kvm_one_reg reg = { .id = CORE_REGISTER(regs.pc), .addr = (uintptr_t)&pc };

	if (ioctl(cpu->fd, KVM_GET_ONE_REG, &reg) < 0) {
		return "pc unknown";
	}
	snprintf(text, sizeof(text), "pc 0x%" PRIx64, pc);
	return text;
}

void vcpu_inject_external_abort(const struct vcpu *cpu)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	KVM_IOCTL_WITH(cpu->fd, KVM_SET_VCPU_EVENTS, &events);
}

void vcpu_inject_serror(struct vcpu *cpu)
{
	cpu->serror_is_due = true;
	cpu->run->immediate_exit = 1;
}

void vcpu_complete_exit(struct vcpu *cpu)
{
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };

	cpu->run->immediate_exit = 0;
	if (cpu->serror_is_due) {
		cpu->serror_is_due = false;
		KVM_IOCTL_WITH(cpu->fd, KVM_SET_VCPU_EVENTS, &events);
	}
}

// Features that Debian's headers do not name yet (Linux, Documentation/virt/kvm/api.rst, KVM_ARM_VCPU_INIT).
#define VCPU_HAS_EL2 7
#define VCPU_HAS_EL2_E2H0 8

static void choose_el(const struct options *options, struct kvm_vcpu_init *init)
{
	if (options->el != GUEST_EL1) {
		init->features[0] |= 1U << VCPU_HAS_EL2;
	}
	if (options->el == GUEST_EL2_E2H0) {
		init->features[0] |= 1U << VCPU_HAS_EL2_E2H0;
	}
}

void vcpu_create(struct vm *vm, unsigned int index)
{
	struct vcpu *cpu = &vm->cpus[index];
	struct kvm_vcpu_init init = { 0 };
	size_t run_size = (size_t)KVM_IOCTL(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	cpu->vm = vm;
	cpu->index = index;
	cpu->fd = KVM_IOCTL(vm->fd, KVM_CREATE_VCPU, index);
	KVM_IOCTL_WITH(vm->fd, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2;
	choose_el(vm->options, &init);
	if (index > 0) {
		init.features[0] |= 1U << KVM_ARM_VCPU_POWER_OFF;
	}
	KVM_IOCTL_WITH(cpu->fd, KVM_ARM_VCPU_INIT, &init);
	cpu->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
	if (cpu->run == MAP_FAILED) {
		end(END_FAILED, "mmap of CPU %u: %s", index, strerror(errno));
	}
}
