// SPDX-License-Identifier: Apache-2.0

// Prints the contents of QEMU's device tree, and changes a copy of it. The tree itself is mapped read-only.

#include <vmbase/console.h>
#include <vmbase/fdt.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/power.h>

#include <inttypes.h>
#include <stdalign.h>
#include <string.h>

static alignas(8) unsigned char copy[16384];

static void require(enum vmbase_error error, const char *what)
{
	if (error != VMBASE_OK) {
		vmbase_println("%s: %s", what, vmbase_error_name(error));
		vmbase_reboot();
	}
}

static void print_range(const char *name, struct vmbase_range range)
{
	vmbase_println("%s: 0x%" PRIxPTR " to 0x%" PRIxPTR, name, range.begin, range.end);
}

static void print_memory(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range range;

	while (vmbase_fdt_next_memory(fdt, &iterator, &range) == VMBASE_OK) {
		print_range("memory", range);
	}
	require(vmbase_fdt_free_memory(fdt, 0, &range), "free memory");
	print_range("free", range);
}

static void print_devices(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_console console;
	struct vmbase_fdt_gic gic;
	struct vmbase_fdt_timer timer;
	struct vmbase_fdt_virtio_mmio virtio;
	struct vmbase_fdt_pci_host host;
	enum vmbase_smccc_conduit conduit;
	int transports = 0;

	require(vmbase_fdt_console(fdt, &console), "console");
	print_range(console.uart == VMBASE_FDT_UART_PL011 ? "PL011" : "8250", console.registers);
	require(vmbase_fdt_psci_conduit(fdt, &conduit), "PSCI");
	vmbase_println("PSCI by %s", conduit == VMBASE_SMCCC_HVC ? "HVC" : "SMC");
	require(vmbase_fdt_gic(fdt, &gic), "GIC");
	vmbase_println("GICv%u", gic.version);
	print_range("distributor", gic.distributor);
	print_range("interface", gic.version == 2 ? gic.cpu_interface : gic.redistributors);
	require(vmbase_fdt_timer(fdt, &timer), "timer");
	vmbase_println("virtual timer: %" PRIu32, timer.virtual_el1.intid);
	while (vmbase_fdt_next_virtio_mmio(fdt, &iterator, &virtio) == VMBASE_OK) {
		transports++;
	}
	vmbase_println("virtio-mmio: %d", transports);
	iterator = (struct vmbase_fdt_iterator){ 0 };
	require(vmbase_fdt_next_pci_host(fdt, &iterator, &host), "PCI");
	print_range(host.is_ecam ? "ECAM" : "CAM", host.configuration);
}

static void change(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_editor editor;
	struct vmbase_fdt changed;
	struct vmbase_fdt_node node;
	const char *bootargs;

	require(vmbase_fdt_edit(&editor, fdt, copy, sizeof(copy)), "edit");
	require(vmbase_fdt_set_string(&editor, "/chosen", "bootargs", "changed"), "set a property");
	require(vmbase_fdt_add_node(&editor, "/", "payload@1"), "add a node");
	require(vmbase_fdt_set_u64(&editor, "/payload", "size", sizeof(copy)), "set a number");
	require(vmbase_fdt_add_reservation(&editor, (struct vmbase_range){ 0x40000000, 0x40001000 }),
		"reserve");
	require(vmbase_fdt_pack(&editor), "pack");

	require(vmbase_fdt_open(&changed, copy, vmbase_fdt_size_bytes(&editor.fdt)), "open the copy");
	require(vmbase_fdt_find(&changed, "/payload", &node), "find the node");
	require(vmbase_fdt_bootargs(&changed, &bootargs), "bootargs");
	vmbase_println("changed: %s, %s", vmbase_fdt_node_name(&changed, &node), bootargs);
	print_memory(&changed);
}

static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const struct vmbase_range window = vmbase_layout_dtb();
	struct vmbase_fdt fdt;

	(void)arg1, (void)arg2, (void)arg3;
	if (arg0 != window.begin) {
		vmbase_reboot();
	}
	require(vmbase_fdt_open(&fdt, (const void *)window.begin, window.end - window.begin), "open");
	print_memory(&fdt);
	print_devices(&fdt);
	change(&fdt);
	vmbase_println("done");
}

VMBASE_MAIN(guest);
