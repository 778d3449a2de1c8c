// SPDX-License-Identifier: Apache-2.0

#include "vm.h"

#include "end.h"
#include "gic.h"
#include "hypercall.h"
#include "kvm.h"
#include "report.h"
#include "vcpu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>

// Android's pKVM and Linux's know a protected VM by this bit of its type. Debian's headers do not name it.
#define VM_TYPE_PROTECTED (UINT64_C(1) << 31)

enum {
	MIB_SHIFT = 20,
};

static void create(struct vm *vm)
{
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0) {
		end(END_FAILED, "/dev/kvm: %s", strerror(errno));
	}
	if (vm->options->protected_vm) {
		vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, VM_TYPE_PROTECTED);
		if (vm->fd < 0) {
			end(END_FAILED, "KVM_CREATE_VM: %s: the host has no protected VMs", strerror(errno));
		}
	} else {
		vm->fd = KVM_IOCTL(vm->kvm_fd, KVM_CREATE_VM, 0);
	}
}

// An access without a syndrome is to be an exit that says so. Where KVM has none, KVM_RUN fails.
static void enable_nisv_exits(const struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };

	(void)ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static void load(struct vm *vm)
{
	const struct machine *machine = vm->machine;
	uint64_t ram_size = (uint64_t)vm->options->memory_mib << MIB_SHIFT;

	ram_init(&vm->ram, machine->ram_base, ram_size);
	uint64_t image_size = ram_load(&vm->ram, machine->load_address, UINT64_MAX, vm->options->image);
	report("%s VM in %s's machine, image of %" PRIu64 " bytes at 0x%" PRIx64,
	       vm->options->protected_vm ? "protected" : "ordinary", machine->name, image_size,
	       machine->load_address);
	if (vm->options->dtb != NULL) {
		ram_load(&vm->ram, machine->dtb_address, machine->load_address - machine->dtb_address,
			 vm->options->dtb);
	}
}

static void add_ram(const struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = vm->ram.base,
		.memory_size = vm->ram.size,
		.userspace_addr = (uintptr_t)vm->ram.host,
	};

	KVM_IOCTL_WITH(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

void vm_create(struct vm *vm, const struct options *options)
{
	*vm = (struct vm){
		.options = options,
		.machine = &machine_crosvm,
		.cpu_count = options->cpus,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	create(vm);
	enable_nisv_exits(vm);
	load(vm);
	add_ram(vm);
	hypercall_init(vm);
	for (unsigned int i = 0; i < vm->cpu_count; i++) {
		vcpu_create(vm, i);
	}
	gic_create(vm);
	vcpu_set_x(&vm->cpus[0], 0, vm->machine->dtb_address);
	vcpu_set_pc(&vm->cpus[0], vm->machine->load_address);
}
