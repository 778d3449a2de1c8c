// SPDX-License-Identifier: Apache-2.0

// PSCI, the interrupt controller, and the devices connected to it.

#include "fdt_fixture.h"

#include <libfdt.h>

#include <string.h>

static void make_psci(const char *name, const char *compatible, const char *method, size_t method_size)
{
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, name);
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_property(&blob, "method", method, method_size);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
}

static void psci_has_a_method(void **state)
{
	enum vmbase_smccc_conduit conduit = (enum vmbase_smccc_conduit)77;

	(void)state;
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_NOT_FOUND);
	make_psci("psci", "arm,psci-2.0", "hvc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_NOT_FOUND);
	make_psci("psci", "arm,psci-1.0", "hvx", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_CORRUPT);
	make_psci("psci", "arm,psci-1.0", "hvc", 3);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_CORRUPT);
	// PSCI 0.1 has other function IDs.
	make_psci("psci", "arm,psci", "hvc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(conduit, 77);
	// The node's name and parent do not matter.
	make_psci("firmware-interface", "arm,psci-1.0", "hvc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, VMBASE_SMCCC_HVC);
	make_psci("psci", "arm,psci-0.2", "smc", 4);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, VMBASE_SMCCC_SMC);
}

static void psci_node_may_have_any_name_and_parent(void **state)
{
	enum vmbase_smccc_conduit conduit = VMBASE_SMCCC_HVC;
	struct vmbase_fdt_editor editor;
	static _Alignas(8) unsigned char buffer[4096];

	(void)state;
	blob_read(&blob, "odd-firmware-smc");
	open_blob();
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, VMBASE_SMCCC_SMC);
	// A changed tree is searched again.
	assert_int_equal(vmbase_fdt_edit(&editor, &fdt, buffer, sizeof(buffer)), VMBASE_OK);
	conduit = VMBASE_SMCCC_HVC;
	assert_int_equal(vmbase_fdt_psci_conduit(&editor.fdt, &conduit), VMBASE_OK);
	assert_int_equal(conduit, VMBASE_SMCCC_SMC);
	// A disabled node is skipped.
	assert_int_equal(vmbase_fdt_set_string(&editor, "/firmware", "status", "disabled"), VMBASE_OK);
	assert_int_equal(vmbase_fdt_psci_conduit(&editor.fdt, &conduit), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_open(&fdt, buffer, sizeof(buffer)), VMBASE_OK);
	assert_int_equal(vmbase_fdt_psci_conduit(&fdt, &conduit), VMBASE_ERROR_NOT_FOUND);
}

static void a_gic_may_have_several_regions(void **state)
{
	struct vmbase_fdt_gic gic;
	struct vmbase_range region;

	(void)state;
	assert_int_equal(vmbase_fdt_gic(&fdt, &gic), VMBASE_OK);
	assert_int_equal(gic.version, 3);
	assert_int_equal(gic.redistributor_regions, 2);
	assert_range(gic.redistributors, 0x80a0000, 0x80c0000);
	assert_int_equal(vmbase_fdt_reg(&fdt, &gic.node, 2, &region), VMBASE_OK);
	assert_range(region, 0x80c0000, 0x8100000);
}

static enum vmbase_error gic_of(const char *compatible, size_t reg_count, const char *regions,
				size_t regions_size)
{
	struct vmbase_fdt_gic gic;

	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "intc");
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_property(&blob, "#redistributor-regions", regions, regions_size);
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 0x1000, 0, 0x2000, 0x1000 }, reg_count);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	return vmbase_fdt_gic(&fdt, &gic);
}

static void gic_needs_both_of_its_ranges(void **state)
{
	(void)state;
	assert_int_equal(gic_of("arm,gic-400", 6, "\0\0\0\1", 4), VMBASE_OK);
	assert_int_equal(gic_of("arm,gic-v3", 6, "\0\0\0\1", 4), VMBASE_OK);
	assert_int_equal(gic_of("arm,gic-v4", 6, "\0\0\0\1", 4), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(gic_of("arm,gic-v3", 3, "\0\0\0\1", 4), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(gic_of("arm,gic-400", 0, "\0\0\0\1", 4), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(gic_of("arm,gic-v3", 6, "\0\1", 2), VMBASE_ERROR_CORRUPT);
}

static void interrupts_are_gic_interrupt_numbers(void **state)
{
	struct vmbase_fdt_node node = find_node("serial0");
	struct vmbase_fdt_interrupt interrupt = { 77, false };
	struct vmbase_fdt_timer timer;

	(void)state;
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 1, &interrupt), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 2, &interrupt), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 3, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 4, &interrupt), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(interrupt.intid, 77);
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_OK);
	assert_int_equal(interrupt.intid, 132);
	assert_false(interrupt.is_edge_triggered);
	assert_int_equal(vmbase_fdt_timer(&fdt, &timer), VMBASE_OK);
	assert_int_equal(timer.physical_el1.intid, 30);
	assert_int_equal(timer.virtual_el1.intid, 27);
	assert_true(timer.virtual_el1.is_edge_triggered);
}

static void interrupts_of_another_controller_are_not_followed(void **state)
{
	struct vmbase_fdt_interrupt interrupt;
	struct vmbase_fdt_node node = find_node("/soc/serial@3000");

	(void)state;
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	// The node's own interrupt parent, and a controller that contains the node.
	node = find_node("/soc/gpio");
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	node = find_node("/soc/gpio/child");
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_UNSUPPORTED);
	node = find_node("/memory");
	assert_int_equal(vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt), VMBASE_ERROR_NOT_FOUND);
}

// Makes two nodes. Their interrupt parents are each other, themselves, missing, or an invalid phandle.
static enum vmbase_error interrupt_of(uint32_t phandle, size_t count, bool is_gic, uint32_t cells)
{
	static const uint32_t interrupts[] = { 0, 1, 4, 0, 0 };
	struct vmbase_fdt_interrupt interrupt;

	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "a");
	blob_cells(&blob, "phandle", (const uint32_t[]){ 1 }, 1);
	blob_cells(&blob, "interrupt-parent", (const uint32_t[]){ 2 }, 1);
	blob_tag(&blob, FDT_END_NODE);
	blob_node(&blob, "b");
	blob_cells(&blob, "phandle", (const uint32_t[]){ 2 }, 1);
	if (count <= 1) {
		blob_cells(&blob, "interrupt-parent", &phandle, count);
	} else {
		blob_property(&blob, "interrupt-parent", &phandle, 3);
	}
	blob_cells(&blob, "interrupts", interrupts, 5);
	if (is_gic) {
		blob_property(&blob, "compatible", "arm,gic-v3", sizeof("arm,gic-v3"));
		blob_cells(&blob, "#interrupt-cells", &cells, 1);
	}
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	struct vmbase_fdt_node node = find_node("/b");

	return vmbase_fdt_interrupt(&fdt, &node, 0, &interrupt);
}

static void interrupt_parents_in_a_cycle_are_an_error(void **state)
{
	(void)state;
	assert_int_equal(interrupt_of(1, 1, false, 0), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(interrupt_of(2, 1, false, 0), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(interrupt_of(3, 1, false, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(3, 0, false, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(3, 2, false, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(interrupt_of(2, 1, true, 2), VMBASE_ERROR_UNSUPPORTED);
	// The entries before an incomplete one are read.
	assert_int_equal(interrupt_of(2, 1, true, 3), VMBASE_OK);
	assert_int_equal(interrupt_of(2, 1, true, 5), VMBASE_ERROR_UNSUPPORTED);
}

static void a_tree_may_have_no_timer(void **state)
{
	struct vmbase_fdt_timer timer;

	(void)state;
	make_psci("timer", "arm,armv9-timer", "", 1);
	assert_int_equal(vmbase_fdt_timer(&fdt, &timer), VMBASE_ERROR_NOT_FOUND);
	make_psci("timer", "arm,armv8-timer", "", 1);
	assert_int_equal(vmbase_fdt_timer(&fdt, &timer), VMBASE_ERROR_NOT_FOUND);
}

// A GIC and a timer whose interrupts have names.
static enum vmbase_error named_timer(const char *names, size_t size, struct vmbase_fdt_timer *timer)
{
	blob_begin(&blob);
	blob_node(&blob, "");
	blob_cells(&blob, "interrupt-parent", (const uint32_t[]){ 1 }, 1);
	blob_node(&blob, "intc");
	blob_property(&blob, "compatible", "arm,gic-v3", sizeof("arm,gic-v3"));
	blob_cells(&blob, "#interrupt-cells", (const uint32_t[]){ 3 }, 1);
	blob_cells(&blob, "linux,phandle", (const uint32_t[]){ 1 }, 1);
	blob_tag(&blob, FDT_END_NODE);
	blob_node(&blob, "timer");
	blob_property(&blob, "compatible", "arm,armv7-timer", sizeof("arm,armv7-timer"));
	blob_property(&blob, "interrupt-names", names, size);
	blob_cells(&blob, "interrupts", (const uint32_t[]){ 1, 11, 4, 1, 14, 4 }, 6);
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	return vmbase_fdt_timer(&fdt, timer);
}

static void a_timers_interrupts_may_have_names(void **state)
{
	struct vmbase_fdt_timer timer;

	(void)state;
	assert_int_equal(named_timer("virt\0phys", sizeof("virt\0phys"), &timer), VMBASE_OK);
	assert_int_equal(timer.virtual_el1.intid, 27);
	assert_int_equal(timer.physical_el1.intid, 30);
	assert_int_equal(named_timer("virt\0hyp-phys", sizeof("virt\0hyp-phys"), &timer),
			 VMBASE_ERROR_NOT_FOUND);
}

static void virtio_devices_continue_after_an_invalid_one(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_virtio_mmio virtio;

	(void)state;
	// The device has no interrupt. (The list has not ended: the iterator has not moved.)
	assert_int_equal(vmbase_fdt_next_virtio_mmio(&fdt, &iterator, &virtio), VMBASE_ERROR_CORRUPT);
	assert_int_equal(vmbase_fdt_next_virtio_mmio(&fdt, &iterator, &virtio), VMBASE_OK);
	assert_range(virtio.registers, 0xa000400, 0xa000600);
	assert_int_equal(virtio.interrupt.intid, 33);
	assert_int_equal(vmbase_fdt_next_virtio_mmio(&fdt, &iterator, &virtio), VMBASE_ERROR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(psci_has_a_method, open_board),
		cmocka_unit_test(psci_node_may_have_any_name_and_parent),
		cmocka_unit_test_setup(a_gic_may_have_several_regions, open_board),
		cmocka_unit_test(gic_needs_both_of_its_ranges),
		cmocka_unit_test_setup(interrupts_are_gic_interrupt_numbers, open_board),
		cmocka_unit_test_setup(interrupts_of_another_controller_are_not_followed, open_board),
		cmocka_unit_test(interrupt_parents_in_a_cycle_are_an_error),
		cmocka_unit_test(a_tree_may_have_no_timer),
		cmocka_unit_test(a_timers_interrupts_may_have_names),
		cmocka_unit_test_setup(virtio_devices_continue_after_an_invalid_one, open_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
