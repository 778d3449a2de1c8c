// SPDX-License-Identifier: Apache-2.0

// The watchdog as crosvm has it (devices/src/vmwdt.rs): four 32-bit registers for each CPU. This one never
// barks, and reads as what was written.

#include "device.h"

#include "vm.h"

enum {
	REGISTERS_PER_CPU = 4, // status, load count, current count (read only), clock frequency
	CURRENT_COUNT = 2,
};

static uint32_t registers[VM_CPUS_MAX][REGISTERS_PER_CPU];

bool watchdog_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access)
{
	uint64_t cpu = offset / sizeof(registers[0]);
	uint64_t reg = offset % sizeof(registers[0]) / sizeof(uint32_t);

	(void)index;
	if (access->size != sizeof(uint32_t) || offset % sizeof(uint32_t) != 0 || cpu >= vm->cpu_count) {
		return false;
	}
	if (!access->is_write) {
		access->value = registers[cpu][reg];
		return true;
	}
	if (reg == CURRENT_COUNT) {
		return false;
	}
	registers[cpu][reg] = (uint32_t)access->value;
	return true;
}
