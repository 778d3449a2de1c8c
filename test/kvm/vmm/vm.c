// SPDX-License-Identifier: Apache-2.0

#include "vm.h"

#include "end.h"
#include "gic.h"
#include "hypercall.h"
#include "kvm.h"
#include "report.h"
#include "tree.h"
#include "vcpu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>

// Android's pKVM and Linux's know a protected VM by this bit of its type. Debian's headers do not name it.
#define VM_TYPE_PROTECTED (UINT64_C(1) << 31)

#define LOWEST_256_MIB UINT64_C(0x10000000)

// The header of an arm64 Image (Linux, Documentation/arch/arm64/booting.rst).
#define IMAGE_MAGIC 0x644d5241

struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t reserved_too;
};

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

static void load_image(struct vm *vm)
{
	const struct machine *machine = vm->machine;
	uint64_t ram_size = (uint64_t)vm->options->memory_mib << MIB_SHIFT;

	ram_init(&vm->ram, machine->ram_base, ram_size);
	vm->entry = machine->ram_base + machine->load_offset;
	vm->image_size = ram_load(&vm->ram, vm->entry, UINT64_MAX, vm->options->image);
	if (machine->reads_header) {
		const struct image_header *header = ram_at(&vm->ram, vm->entry, sizeof(*header));

		if (header == NULL || header->magic != IMAGE_MAGIC) {
			end(END_FAILED, "%s: no Image, as %s wants one", vm->options->image, machine->name);
		}
		if (header->text_offset != 0) {
			vm->entry += header->text_offset;
			ram_load(&vm->ram, vm->entry, UINT64_MAX, vm->options->image);
		}
	}
	report("%s VM in %s's machine, image of %" PRIu64 " bytes at 0x%" PRIx64,
	       vm->options->protected_vm ? "protected" : "ordinary", machine->name, vm->image_size, vm->entry);
}

static uint64_t tree_address(const struct vm *vm)
{
	const uint64_t size = vm->ram.size < LOWEST_256_MIB ? vm->ram.size : LOWEST_256_MIB;

	switch (vm->machine->place) {
	case TREE_AT_RAM_BASE:
		return vm->ram.base;
	case TREE_IN_LAST_2_MIB:
		return vm->ram.base + vm->ram.size - TREE_SIZE_MAX;
	case TREE_BELOW_256_MIB:
		return vm->ram.base + size - TREE_SIZE_MAX;
	case TREE_BEHIND_THE_IMAGE:
		return (vm->entry + vm->image_size + TREE_SIZE_MAX - 1) / TREE_SIZE_MAX * TREE_SIZE_MAX;
	}
	end(END_FAILED, "the machine's tree has no place");
}

// Puts a device tree into RAM, the machine's own or that of a file, and returns its address.
static uint64_t load_tree(struct vm *vm)
{
	uint64_t address = tree_address(vm);
	void *memory = ram_at(&vm->ram, address, TREE_SIZE_MAX);

	if (vm->options->dtb != NULL) {
		ram_load(&vm->ram, address, TREE_SIZE_MAX, vm->options->dtb);
	} else if (memory == NULL) {
		end(END_FAILED, "no room in RAM for a device tree at 0x%" PRIx64, address);
	} else {
		tree_make(vm, memory, TREE_SIZE_MAX);
	}
	report("device tree at 0x%" PRIx64, address);
	return address;
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
		.machine = options->machine,
		.cpu_count = options->cpus,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	create(vm);
	enable_nisv_exits(vm);
	load_image(vm);
	add_ram(vm);
	hypercall_init(vm);
	for (unsigned int i = 0; i < vm->cpu_count; i++) {
		vcpu_create(vm, i);
	}
	gic_create(vm);
	const uint64_t tree = load_tree(vm);

	vcpu_set_x(&vm->cpus[0], 0, options->has_x0 ? options->x0 : tree);
	vcpu_set_pc(&vm->cpus[0], vm->entry);
}
