// SPDX-License-Identifier: Apache-2.0

// The contents of the trees of real VMMs.

#include "blobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct machine {
	const char *name;
	struct vmbase_range memory[3];
	struct vmbase_range reserved[2];
	enum vmbase_fdt_uart uart;
	struct vmbase_range registers;
	uint8_t access_bytes;
	enum vmbase_smccc_conduit conduit;
	const char *bootargs; // NULL: no arguments
	struct vmbase_range initrd;
	size_t seed_bytes;
	unsigned int gic_version;
	uintptr_t distributor;
	uintptr_t second; // the CPU interface or the redistributors
	uint32_t virtual_timer;
	size_t virtio_devices;
	struct vmbase_range first_virtio;
	uint32_t first_virtio_intid;
	size_t windows;
	bool is_ecam;
	struct vmbase_range configuration;
};

static const struct machine machines[] = {
	{
		.name = "qemu-gic2",
		.memory = { { 0x40000000, 0x50000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x09000000, 0x09001000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_HVC,
		.seed_bytes = 32,
		.gic_version = 2,
		.distributor = 0x08000000,
		.second = 0x08010000,
		.virtual_timer = 27,
		.virtio_devices = 32,
		.first_virtio = { 0x0a000000, 0x0a000200 },
		.first_virtio_intid = 48,
		.windows = 3,
		.is_ecam = true,
		.configuration = { 0x4010000000, 0x4020000000 },
	},
	{
		.name = "qemu-gic3",
		.memory = { { 0x40000000, 0x240000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x09000000, 0x09001000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_SMC,
		.seed_bytes = 32,
		.gic_version = 3,
		.distributor = 0x08000000,
		.second = 0x080a0000,
		.virtual_timer = 27,
		.virtio_devices = 32,
		.first_virtio = { 0x0a000000, 0x0a000200 },
		.first_virtio_intid = 48,
		.windows = 3,
		.is_ecam = true,
		.configuration = { 0x4010000000, 0x4020000000 },
	},
	{
		.name = "crosvm",
		.memory = { { 0x80000000, 0x90000000 } },
		.reserved = { { 0x8f000000, 0x8f800000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x3f8, 0x400 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "panic=-1 console=ttyS0",
		.initrd = { 0x84000000, 0x84123456 },
		.seed_bytes = 64,
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffd0000,
		.virtual_timer = 27,
		.windows = 2,
		.configuration = { 0x10000, 0x1010000 },
	},
	{
		.name = "kvmtool",
		.memory = { { 0x80000000, 0xa0000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x1000000, 0x1000008 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "console=ttyS0",
		.gic_version = 2,
		.distributor = 0x3fff0000,
		.second = 0x3ffd0000,
		.virtual_timer = 27,
		.virtio_devices = 2,
		.first_virtio = { 0x2000000, 0x2000200 },
		.first_virtio_intid = 36,
	},
	{
		.name = "firecracker",
		.memory = { { 0x80200000, 0x4000000000 }, { 0x8800000000, 0x8840000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x40002000, 0x40003000 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "console=ttyS0 reboot=k panic=1",
		.initrd = { 0x3f9f000000, 0x3f9f001000 },
		.seed_bytes = 64,
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffd0000,
		.virtual_timer = 27,
		.virtio_devices = 1,
		.first_virtio = { 0x40003000, 0x40004000 },
		.first_virtio_intid = 34,
	},
	{
		.name = "cloud_hypervisor",
		.memory = { { 0x40000000, 0xfc000000 }, { 0x100000000, 0x140000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x09000000, 0x09001000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "",
		.gic_version = 3,
		.distributor = 0x08ff0000,
		.second = 0x08fd0000,
		.virtual_timer = 27,
		.windows = 2,
		.is_ecam = true,
		.configuration = { 0x30000000, 0x40000000 },
	},
	{
		.name = "libkrun",
		.memory = { { 0x80000000, 0xc0000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x0a000000, 0x0a001000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_SMC,
		.bootargs = "console=hvc0",
		.gic_version = 3,
		.distributor = 0x09ff0000,
		.second = 0x09fd0000,
		.virtual_timer = 27,
		.virtio_devices = 1,
		.first_virtio = { 0x0a001000, 0x0a002000 },
		.first_virtio_intid = 34,
	},
	// The values in the VMMs' trees.
	{
		.name = "seen-crosvm",
		.memory = { { 0x80000000, 0x88000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x3f8, 0x400 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "panic=-1 console=ttyS0",
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffd0000,
		.virtual_timer = 27,
		.windows = 2,
		.configuration = { 0x10000, 0x1010000 },
	},
	{
		.name = "seen-crosvm-devices",
		.memory = { { 0x80000000, 0x88000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x3f8, 0x400 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "panic=-1 console=ttyS0 hello there",
		.initrd = { 0x81000000, 0x81000007 },
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffb0000,
		.virtual_timer = 27,
		.windows = 2,
		.configuration = { 0x10000, 0x1010000 },
	},
	{
		.name = "seen-crosvm-firmware",
		.memory = { { 0x7fc00000, 0x88000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x3f8, 0x400 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "panic=-1 console=ttyS0",
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffd0000,
		.virtual_timer = 27,
		.windows = 2,
		.configuration = { 0x10000, 0x1010000 },
	},
	{
		.name = "seen-crosvm-protected",
		.memory = { { 0x80000000, 0x88000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x3f8, 0x400 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "panic=-1 console=ttyS0",
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffb0000,
		.virtual_timer = 27,
		.windows = 2,
		.configuration = { 0x10000, 0x1010000 },
	},
	{
		.name = "seen-firecracker",
		.memory = { { 0x80200000, 0x88000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x40002000, 0x40003000 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "console=ttyS0 reboot=k panic=1 pci=off earlycon=uart,mmio,0x40002000",
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffd0000,
		.virtual_timer = 27,
	},
	{
		.name = "seen-firecracker-devices",
		.memory = { { 0x80200000, 0x180000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x40002000, 0x40003000 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "console=ttyS0 reboot=k panic=1 pci=off earlycon=uart,mmio,0x40002000",
		.initrd = { 0x17fdff000, 0x17fdff007 },
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffb0000,
		.virtual_timer = 27,
		.virtio_devices = 3,
		.first_virtio = { 0x40003000, 0x40004000 },
		.first_virtio_intid = 32,
	},
	{
		.name = "seen-firecracker-pci",
		.memory = { { 0x80200000, 0x180000000 } },
		.uart = VMBASE_FDT_UART_8250,
		.registers = { 0x40002000, 0x40003000 },
		.access_bytes = 1,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "console=ttyS0 reboot=k panic=1 earlycon=uart,mmio,0x40002000",
		.initrd = { 0x17fdff000, 0x17fdff007 },
		.gic_version = 3,
		.distributor = 0x3fff0000,
		.second = 0x3ffb0000,
		.virtual_timer = 27,
		.windows = 2,
		.is_ecam = true,
		.configuration = { 0x70000000, 0x70100000 },
	},
	{
		.name = "seen-cloud-hypervisor",
		.memory = { { 0x40000000, 0x48000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x09000000, 0x09001000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "earlycon=pl011,mmio,0x09000000",
		.gic_version = 3,
		.distributor = 0x08ff0000,
		.second = 0x08fd0000,
		.virtual_timer = 27,
		.windows = 3,
		.is_ecam = true,
		.configuration = { 0x30000000, 0x30100000 },
	},
	{
		.name = "seen-cloud-hypervisor-devices",
		.memory = { { 0x40000000, 0xfc000000 }, { 0x100000000, 0x144000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x09000000, 0x09001000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "hello there earlycon=pl011,mmio,0x09000000",
		.initrd = { 0x143fff000, 0x143fff007 },
		.gic_version = 3,
		.distributor = 0x08ff0000,
		.second = 0x08fb0000,
		.virtual_timer = 27,
		.windows = 3,
		.is_ecam = true,
		.configuration = { 0x30000000, 0x30100000 },
	},
	{
		.name = "seen-libkrun",
		.memory = { { 0x80000000, 0x88000000 } },
		.uart = VMBASE_FDT_UART_PL011,
		.registers = { 0x0a001000, 0x0a002000 },
		.access_bytes = 4,
		.conduit = VMBASE_SMCCC_HVC,
		.bootargs = "console=ttyAMA0       earlycon=pl011,mmio32,0x0a001000 tsi_hijack  -- ",
		.gic_version = 3,
		.distributor = 0x09ff0000,
		.second = 0x09fd0000,
		.virtual_timer = 27,
		.virtio_devices = 3,
		.first_virtio = { 0x0a003000, 0x0a004000 },
		.first_virtio_intid = 66,
	},
};

static struct blob blob;

static void assert_range(struct vmbase_range found, struct vmbase_range expected)
{
	assert_int_equal(found.begin, expected.begin);
	assert_int_equal(found.end, expected.end);
}

static struct vmbase_fdt open_machine(const struct machine *machine)
{
	struct vmbase_fdt fdt;

	blob_read(&blob, machine->name);
	assert_int_equal(vmbase_fdt_open(&fdt, blob_place(&blob, blob.size), blob.size), VMBASE_OK);
	return fdt;
}

static void check_memory(const struct vmbase_fdt *fdt, const struct machine *machine)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;
	struct vmbase_range range;

	for (size_t i = 0; machine->memory[i].end != 0; i++) {
		assert_int_equal(vmbase_fdt_next_memory(fdt, &iterator, &range), VMBASE_OK);
		assert_range(range, machine->memory[i]);
	}
	assert_int_equal(vmbase_fdt_next_memory(fdt, &iterator, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_next_memory(fdt, &iterator, &range), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_check_memory(fdt), VMBASE_OK);

	iterator = (struct vmbase_fdt_iterator){ 0 };
	for (size_t i = 0; machine->reserved[i].end != 0; i++) {
		assert_int_equal(vmbase_fdt_next_reserved(fdt, &iterator, &reservation), VMBASE_OK);
		assert_range(reservation.range, machine->reserved[i]);
		assert_true(reservation.is_restricted_dma_pool);
		assert_false(reservation.is_no_map);
	}
	assert_int_equal(vmbase_fdt_next_reserved(fdt, &iterator, &reservation), VMBASE_ERROR_NOT_FOUND);
}

static void check_console(const struct vmbase_fdt *fdt, const struct machine *machine)
{
	struct vmbase_fdt_console console;

	assert_int_equal(vmbase_fdt_console(fdt, &console), VMBASE_OK);
	assert_int_equal(console.uart, machine->uart);
	assert_range(console.registers, machine->registers);
	assert_int_equal(console.register_shift, 0);
	assert_int_equal(console.access_bytes, machine->access_bytes);
	assert_string_equal(console.options, "");
}

static void check_chosen(const struct vmbase_fdt *fdt, const struct machine *machine)
{
	struct vmbase_range initrd;
	const char *bootargs;
	const void *seed;
	size_t size = 0;

	if (machine->bootargs == NULL) {
		assert_int_equal(vmbase_fdt_bootargs(fdt, &bootargs), VMBASE_ERROR_NOT_FOUND);
	} else {
		assert_int_equal(vmbase_fdt_bootargs(fdt, &bootargs), VMBASE_OK);
		assert_string_equal(bootargs, machine->bootargs);
	}
	if (machine->initrd.end == 0) {
		assert_int_equal(vmbase_fdt_initrd(fdt, &initrd), VMBASE_ERROR_NOT_FOUND);
	} else {
		assert_int_equal(vmbase_fdt_initrd(fdt, &initrd), VMBASE_OK);
		assert_range(initrd, machine->initrd);
	}
	assert_int_equal(vmbase_fdt_rng_seed(fdt, &seed, &size),
			 machine->seed_bytes == 0 ? VMBASE_ERROR_NOT_FOUND : VMBASE_OK);
	assert_int_equal(size, machine->seed_bytes);
}

static void check_gic(const struct vmbase_fdt *fdt, const struct machine *machine)
{
	enum vmbase_smccc_conduit conduit;
	struct vmbase_fdt_gic gic;
	struct vmbase_fdt_timer timer;

	assert_int_equal(vmbase_fdt_psci_conduit(fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, machine->conduit);
	assert_int_equal(vmbase_fdt_gic(fdt, &gic), VMBASE_OK);
	assert_int_equal(gic.version, machine->gic_version);
	assert_int_equal(gic.distributor.begin, machine->distributor);
	assert_int_equal(gic.version == 2 ? gic.cpu_interface.begin : gic.redistributors.begin,
			 machine->second);
	assert_int_equal(gic.redistributor_regions, gic.version == 2 ? 0 : 1);
	assert_int_equal(vmbase_fdt_timer(fdt, &timer), VMBASE_OK);
	assert_int_equal(timer.virtual_el1.intid, machine->virtual_timer);
	assert_int_equal(timer.physical_el1.intid, 30);
	assert_false(timer.virtual_el1.is_edge_triggered);
}

static void check_buses(const struct vmbase_fdt *fdt, const struct machine *machine)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_virtio_mmio virtio;
	struct vmbase_fdt_pci_host host;
	struct vmbase_fdt_pci_window window;
	struct vmbase_range lowest = { UINTPTR_MAX, 0 };
	uint32_t lowest_intid = 0;
	size_t devices = 0;
	uint32_t windows = 0;

	// QEMU lists the devices in reverse order.
	while (vmbase_fdt_next_virtio_mmio(fdt, &iterator, &virtio) == VMBASE_OK) {
		if (virtio.registers.begin < lowest.begin) {
			lowest = virtio.registers;
			lowest_intid = virtio.interrupt.intid;
		}
		assert_true(virtio.interrupt.is_edge_triggered);
		devices++;
	}
	assert_int_equal(devices, machine->virtio_devices);
	if (devices > 0) {
		assert_range(lowest, machine->first_virtio);
		assert_int_equal(lowest_intid, machine->first_virtio_intid);
	}

	iterator = (struct vmbase_fdt_iterator){ 0 };
	if (machine->windows == 0) {
		assert_int_equal(vmbase_fdt_next_pci_host(fdt, &iterator, &host), VMBASE_ERROR_NOT_FOUND);
		return;
	}
	assert_int_equal(vmbase_fdt_next_pci_host(fdt, &iterator, &host), VMBASE_OK);
	assert_int_equal(host.is_ecam, machine->is_ecam);
	assert_range(host.configuration, machine->configuration);
	assert_int_equal(host.first_bus, 0);
	while (vmbase_fdt_pci_window(fdt, &host, windows, &window) == VMBASE_OK) {
		assert_int_equal(window.range.begin,
				 window.space == VMBASE_FDT_PCI_IO ? window.range.begin : window.bus_address);
		windows++;
	}
	assert_int_equal(vmbase_fdt_pci_window(fdt, &host, windows, &window), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(windows, machine->windows);
	assert_int_equal(vmbase_fdt_next_pci_host(fdt, &iterator, &host), VMBASE_ERROR_NOT_FOUND);
}

static void for_all(void (*check)(const struct vmbase_fdt *fdt, const struct machine *machine))
{
	for (size_t i = 0; i < COUNT(machines); i++) {
		const struct vmbase_fdt fdt = open_machine(&machines[i]);

		print_message("# %s\n", machines[i].name);
		check(&fdt, &machines[i]);
	}
}

static void memory_and_reservations(void **state)
{
	(void)state;
	for_all(check_memory);
}

static void console(void **state)
{
	(void)state;
	for_all(check_console);
}

static void chosen(void **state)
{
	(void)state;
	for_all(check_chosen);
}

static void psci_gic_and_timer(void **state)
{
	(void)state;
	for_all(check_gic);
}

static void virtio_and_pci(void **state)
{
	(void)state;
	for_all(check_buses);
}

// Makes the same queries as the guest and the fuzzer, on valid trees.
static void answers_about_a_valid_tree_are_repeatable(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		const struct vmbase_fdt fdt = open_machine(&machines[i]);

		assert_int_equal(fdt_visit(&fdt), fdt_visit(&fdt));
		fdt_change(&fdt, blob.size + 4096);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_and_reservations),
		cmocka_unit_test(console),
		cmocka_unit_test(chosen),
		cmocka_unit_test(psci_gic_and_timer),
		cmocka_unit_test(virtio_and_pci),
		cmocka_unit_test(answers_about_a_valid_tree_are_repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
