// SPDX-License-Identifier: Apache-2.0

#include "bus.h"

#include "end.h"
#include "guard.h"
#include "report.h"
#include "vcpu.h"

#include <inttypes.h>
#include <string.h>

// A guest in a loop is not worth more lines.
enum {
	STRAYS_MAX = 50,
	REFUSALS_MAX = 50,
};

static uint64_t exits;

uint64_t bus_exits(void)
{
	return exits;
}

void bus_report(void)
{
	report("MMIO exits %" PRIu64, exits);
}

static const char *kind(const struct access *access)
{
	return access->is_write ? "write" : "read";
}

static const struct device *find_device(const struct machine *machine, uint64_t address)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		const struct device *device = &machine->devices[i];

		if (address >= device->base && address - device->base < device->size) {
			return device;
		}
	}
	return NULL;
}

// False: the access is an external abort, and has no value.
static bool handle_stray(struct vcpu *cpu, struct access *access)
{
	struct vm *vm = cpu->vm;

	if (access->is_write) {
		report("stray write 0x%" PRIx64 " size %u value 0x%" PRIx64, access->address, access->size,
		       access->value);
	} else {
		report("stray read 0x%" PRIx64 " size %u", access->address, access->size);
	}
	if (++vm->strays == STRAYS_MAX) {
		end(END_STOPPED, "after %" PRIu64 " strays, %s", vm->strays, vcpu_describe_pc(cpu));
	}
	switch (vm->options->stray) {
	case STRAY_REPORT:
		break;
	case STRAY_ABORT:
		vcpu_inject_external_abort(cpu);
		return false;
	case STRAY_SERROR:
		vcpu_inject_serror(cpu);
		access->value = UINT64_MAX;
		break;
	}
	return true;
}

static void handle_refusal(struct vcpu *cpu, const struct access *access)
{
	report("guard refused %s 0x%" PRIx64, kind(access), access->address);
	if (guard_count_refusal() == REFUSALS_MAX) {
		end(END_STOPPED, "after %d refusals, %s", REFUSALS_MAX, vcpu_describe_pc(cpu));
	}
	vcpu_inject_external_abort(cpu);
}

// True if this is the access that --abort-uart means.
static bool is_abort_due(struct vm *vm, const struct device *device)
{
	return device == &vm->machine->devices[0] && ++vm->uart_accesses == vm->options->abort_uart;
}

void bus_handle_mmio(struct vcpu *cpu)
{
	struct kvm_run *run = cpu->run;
	struct vm *vm = cpu->vm;
	struct access access = {
		.address = run->mmio.phys_addr,
		.size = run->mmio.len,
		.is_write = run->mmio.is_write,
	};
	const struct device *device = find_device(vm->machine, access.address);

	exits++;
	if (access.is_write) {
		memcpy(&access.value, run->mmio.data, access.size);
	}
	if (guard_refuses(access.address)) {
		handle_refusal(cpu, &access);
		return;
	}
	if (is_abort_due(vm, device)) {
		report("abort of %s 0x%" PRIx64, kind(&access), access.address);
		vcpu_inject_external_abort(cpu);
		return;
	}
	if ((device == NULL || !device->answer(vm, device->index, access.address - device->base, &access)) &&
	    !handle_stray(cpu, &access)) {
		return;
	}
	if (!access.is_write) {
		memcpy(run->mmio.data, &access.value, access.size);
	}
}
