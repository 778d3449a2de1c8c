// SPDX-License-Identifier: Apache-2.0

#include "../test_device.h"

#include "bus.h"
#include "device.h"
#include "guard.h"
#include "hypercall.h"
#include "report.h"
#include "sharing.h"
#include "vcpu.h"
#include "vm.h"

#include <inttypes.h>
#include <signal.h>

static uint64_t address;
static uint64_t value;
static enum test_device_status status;
static uint64_t scratch;

// Accesses the eight guest bytes at the address, and returns what stood in the way, or NULL.
static const char *touch(const struct vm *vm, bool is_write)
{
	if (address % sizeof(uint64_t) != 0 || !ram_contains(&vm->ram, address, sizeof(uint64_t))) {
		status = TEST_DEVICE_OUTSIDE_RAM;
		return "outside RAM";
	}
	status = TEST_DEVICE_UNREADABLE;
	if (sharing_is_private(address)) {
		return "private";
	}
	switch (is_write ? ram_poke(&vm->ram, address, value) : ram_peek(&vm->ram, address, &value)) {
	case 0:
		status = TEST_DEVICE_DONE;
		return NULL;
	case SIGBUS:
		return "SIGBUS";
	default:
		return "SIGSEGV";
	}
}

static void touch_and_report(const struct vm *vm, bool is_write)
{
	const char *verb = is_write ? "write" : "read";
	const char *obstacle = touch(vm, is_write);

	if (obstacle == NULL) {
		report("host %s 0x%" PRIx64 " = 0x%" PRIx64, verb, address, value);
	} else {
		report("host %s 0x%" PRIx64 " %s (%s)", verb, address, is_write ? "unwritable" : "unreadable",
		       obstacle);
	}
}

static bool write_register(struct vm *vm, uint64_t offset, uint64_t written)
{
	switch (offset) {
	case TEST_DEVICE_ADDRESS:
		address = written;
		value = 0;
		touch_and_report(vm, false);
		return true;
	case TEST_DEVICE_STORE:
		value = written;
		touch_and_report(vm, true);
		return true;
	case TEST_DEVICE_SERROR:
		vcpu_inject_serror(&vm->cpus[0]);
		return true;
	default:
		return false;
	}
}

static bool read_register(const struct vm *vm, uint64_t offset, uint64_t *answer)
{
	switch (offset) {
	case TEST_DEVICE_ADDRESS:
		*answer = address;
		return true;
	case TEST_DEVICE_STATUS:
		*answer = status;
		return true;
	case TEST_DEVICE_VALUE:
		*answer = value;
		return true;
	case TEST_DEVICE_STRAYS:
		*answer = vm->strays;
		return true;
	case TEST_DEVICE_HYPERCALLS:
		*answer = hypercall_count();
		return true;
	case TEST_DEVICE_EXITS:
		*answer = bus_exits();
		return true;
	case TEST_DEVICE_REFUSALS:
		*answer = guard_refusals();
		return true;
	case TEST_DEVICE_ID:
		*answer = TEST_DEVICE_ID_VALUE;
		return true;
	default:
		return false;
	}
}

bool test_device_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access)
{
	(void)index;
	if (offset == TEST_DEVICE_SCRATCH) {
		if (access->is_write) {
			scratch = access->value;
		} else {
			access->value = scratch;
		}
		return true;
	}
	if (access->size != sizeof(uint64_t)) {
		return false;
	}
	return access->is_write ? write_register(vm, offset, access->value)
				: read_register(vm, offset, &access->value);
}
