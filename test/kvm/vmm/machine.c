// SPDX-License-Identifier: Apache-2.0

#include "machine.h"

#include "../test_device.h"

#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define DEVICES(array) .devices = (array), .device_count = ARRAY_SIZE(array)

#define MIB UINT64_C(0x100000)

// crosvm, aarch64/src/lib.rs.
static const struct device crosvm_devices[] = {
	{ .base = 0x3f8, .size = 8, .index = 0, .answer = uart_8250_answer },
	{ .base = 0x2f8, .size = 8, .index = 1, .answer = uart_8250_answer },
	{ .base = 0x3e8, .size = 8, .index = 2, .answer = uart_8250_answer },
	{ .base = 0x2e8, .size = 8, .index = 3, .answer = uart_8250_answer },
	{ .base = TEST_DEVICE_BASE, .size = TEST_DEVICE_SIZE, .answer = test_device_answer },
	{ .base = 0x2000, .size = 0x1000, .answer = rtc_answer },
	{ .base = 0x3000, .size = 0x1000, .answer = watchdog_answer },
};

#define CROSVM_RAM 0x80000000

#define CROSVM                                                                                                 \
	.gic_distributor = 0x3fff0000, .gic_redistributors_end = 0x3fff0000, .gic_cpu_interface = 0x3ffd0000,  \
	.uart = UART_8250, DEVICES(crosvm_devices),                                                            \
	.description = {                                                                                       \
		.memory_node = "memory",                                                                       \
		.uart_node = "U6_16550A@3f8",                                                                  \
		.stdout_path = "/U6_16550A@3f8",                                                               \
		.bootargs = "panic=-1 console=ttyS0",                                                          \
		.has_rng_seed = true,                                                                          \
	}

// kvmtool, arm/include/arm-common/kvm-arch.h and arm/fdt.c.
static const struct device kvmtool_devices[] = {
	{ .base = 0x01000000, .size = 8, .answer = uart_8250_answer },
};

#define KVMTOOL                                                                                                \
	.ram_base = 0x80000000, .gic_distributor = 0x3fff0000, .gic_redistributors_end = 0x3fff0000,           \
	.gic_cpu_interface = 0x3ffd0000, .uart = UART_8250, DEVICES(kvmtool_devices),                          \
	.description = {                                                                                       \
		.memory_node = "memory@80000000",                                                              \
		.bus = "smb",                                                                                  \
		.uart_node = "U6_16550A@1000000",                                                              \
		.stdout_path = "serial0",                                                                      \
		.alias = "/smb/U6_16550A@1000000",                                                             \
		.bootargs = "console=ttyS0",                                                                   \
	}

// Firecracker, src/vmm/src/arch/aarch64. From v1.9 on the first 2 MiB are the VMM's.
static const struct device firecracker_devices[] = {
	{ .base = 0x40002000, .size = 8, .answer = uart_8250_answer },
};

#define FIRECRACKER                                                                                            \
	.ram_base = 0x80000000, .reads_header = true, .place = TREE_IN_LAST_2_MIB,                             \
	.gic_distributor = 0x3fff0000, .gic_redistributors_end = 0x3fff0000, .gic_cpu_interface = 0x3ffd0000,  \
	.uart = UART_8250, DEVICES(firecracker_devices)

#define FIRECRACKER_DESCRIPTION                                                                                \
	.memory_node = "memory@ram", .uart_node = "uart@40002000", .bootargs = "console=ttyS0 reboot=k",       \
	.has_rng_seed = true

// cloud-hypervisor, arch/src/aarch64/layout.rs.
static const struct device cloud_hypervisor_devices[] = {
	{ .base = 0x09000000, .size = 0x1000, .answer = uart_pl011_answer },
};

// libkrun, src/arch/src/aarch64/layout.rs.
static const struct device libkrun_devices[] = {
	{ .base = 0x0a001000, .size = 0x1000, .answer = uart_pl011_answer },
};

// No VMM's, but one that might be: RAM begins at 0, and the tree with it.
static const struct device low_devices[] = {
	{ .base = 0x30000000, .size = 0x1000, .answer = uart_pl011_answer },
};

static const struct machine machines[] = {
	{
		.name = "crosvm-bios",
		.ram_base = CROSVM_RAM,
		.load_offset = 2 * MIB,
		.place = TREE_AT_RAM_BASE,
		CROSVM,
	},
	{
		.name = "crosvm-kernel",
		.ram_base = CROSVM_RAM,
		.reads_header = true,
		.place = TREE_IN_LAST_2_MIB,
		CROSVM,
	},
	{ .name = "crosvm-firmware", .ram_base = CROSVM_RAM - 4 * MIB, .place = TREE_IN_LAST_2_MIB, CROSVM },
	{ .name = "kvmtool-kernel", .reads_header = true, .place = TREE_BELOW_256_MIB, KVMTOOL },
	{ .name = "kvmtool-firmware", .place = TREE_BEHIND_THE_IMAGE, KVMTOOL },
	{ .name = "firecracker-1.8", FIRECRACKER, .description = { FIRECRACKER_DESCRIPTION } },
	{
		.name = "firecracker-1.9",
		.load_offset = 2 * MIB,
		FIRECRACKER,
		.description = { FIRECRACKER_DESCRIPTION, .memory_offset = 2 * MIB },
	},
	{
		.name = "cloud-hypervisor",
		.ram_base = 0x40000000,
		.load_offset = 4 * MIB,
		.reads_header = true,
		.place = TREE_AT_RAM_BASE,
		.gic_distributor = 0x08ff0000,
		.gic_redistributors_end = 0x08ff0000,
		.uart = UART_PL011,
		DEVICES(cloud_hypervisor_devices),
		.description = {
			.memory_node = "memory@40000000",
			.uart_node = "pl011@9000000",
			.bootargs = "",
		},
	},
	{
		.name = "libkrun",
		.ram_base = 0x80000000,
		.place = TREE_IN_LAST_2_MIB,
		.gic_distributor = 0x09ff0000,
		.gic_redistributors_end = 0x09ff0000,
		.uart = UART_PL011,
		DEVICES(libkrun_devices),
		.description = {
			.memory_node = "memory",
			.root_node = "root",
			.uart_node = "uart@a001000",
			.stdout_path = "/uart@a001000",
			.bootargs = "console=ttyAMA0",
		},
	},
	{
		.name = "low",
		.load_offset = 2 * MIB,
		.place = TREE_AT_RAM_BASE,
		.gic_distributor = 0x3fff0000,
		.gic_redistributors_end = 0x3fff0000,
		.gic_cpu_interface = 0x3ffd0000,
		.uart = UART_PL011,
		DEVICES(low_devices),
		.description = {
			.memory_node = "memory@0",
			.uart_node = "uart@30000000",
			.bootargs = "",
		},
	},
};

const struct machine *machine_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		if (strcmp(machines[i].name, name) == 0) {
			return &machines[i];
		}
	}
	return NULL;
}

void machine_list(void (*visit)(const char *name))
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		visit(machines[i].name);
	}
}
