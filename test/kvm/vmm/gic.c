// SPDX-License-Identifier: Apache-2.0

#include "gic.h"

#include "end.h"
#include "kvm.h"
#include "vm.h"

#include <sys/ioctl.h>

// Returns the device's file descriptor, or -1 if the host cannot emulate this type.
static int create_device(const struct vm *vm, uint32_t type)
{
	struct kvm_create_device device = { .type = type };

	return ioctl(vm->fd, KVM_CREATE_DEVICE, &device) == 0 ? (int)device.fd : -1;
}

static void set_address(int fd, uint64_t type, uint64_t address)
{
	kvm_set_attribute(fd, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &address, "KVM_DEV_ARM_VGIC_GRP_ADDR");
}

void gic_create(struct vm *vm)
{
	const struct machine *machine = vm->machine;
	int fd = create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);

	vm->gic_version = 3;
	if (fd >= 0) {
		uint64_t redistributors_size = (uint64_t)vm->cpu_count * GIC_REDISTRIBUTOR_SIZE;

		set_address(fd, KVM_VGIC_V3_ADDR_TYPE_DIST, machine->gic_distributor);
		set_address(fd, KVM_VGIC_V3_ADDR_TYPE_REDIST,
			    machine->gic_redistributors_end - redistributors_size);
	} else {
		vm->gic_version = 2;
		fd = machine->gic_cpu_interface == 0 ? -1 : create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2);
		if (fd < 0) {
			end(END_FAILED, "KVM_CREATE_DEVICE: the host emulates no GIC that the machine has");
		}
		set_address(fd, KVM_VGIC_V2_ADDR_TYPE_DIST, machine->gic_distributor);
		set_address(fd, KVM_VGIC_V2_ADDR_TYPE_CPU, machine->gic_cpu_interface);
	}
	kvm_set_attribute(fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL,
			  "KVM_DEV_ARM_VGIC_CTRL_INIT");
}
