// SPDX-License-Identifier: Apache-2.0

// Host bridges of PCI.

#include "fdt_fixture.h"

#include <libfdt.h>

#include <string.h>

static void host_bridge_has_windows_of_each_kind(void **state)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_pci_host host;
	struct vmbase_fdt_pci_window window;

	(void)state;
	assert_int_equal(vmbase_fdt_next_pci_host(&fdt, &iterator, &host), VMBASE_OK);
	assert_true(host.is_ecam);
	assert_range(host.configuration, 0x31000000, 0x31200000);
	assert_int_equal(host.first_bus, 4);
	assert_int_equal(host.last_bus, 5);

	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 0, &window), VMBASE_OK);
	assert_int_equal(window.space, VMBASE_FDT_PCI_IO);
	assert_int_equal(window.bus_address, 0);
	assert_range(window.range, 0x32000000, 0x32010000);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 1, &window), VMBASE_OK);
	assert_int_equal(window.space, VMBASE_FDT_PCI_MEMORY_32);
	assert_false(window.is_prefetchable);
	assert_int_equal(window.bus_address, 0x40000000);
	assert_range(window.range, 0x33000000, 0x33100000);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 2, &window), VMBASE_OK);
	assert_int_equal(window.space, VMBASE_FDT_PCI_MEMORY_64);
	assert_true(window.is_prefetchable);
	assert_int_equal(window.bus_address, 0x100000000);
	assert_range(window.range, 0x34000000, 0x34100000);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 3, &window), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 4, &window), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 5, &window), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 6, &window), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 7, &window), VMBASE_ERROR_NOT_FOUND);
}

// Makes a host bridge with these buses and a configuration space of `size` bytes.
static enum vmbase_error bridge_of(const char *compatible, uint32_t size, const uint32_t *buses, size_t count)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_pci_host host;
	struct vmbase_fdt_pci_window window;

	blob_begin(&blob);
	blob_node(&blob, "");
	blob_node(&blob, "pcie");
	blob_property(&blob, "compatible", compatible, strlen(compatible) + 1);
	blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, size }, size == 0 ? 2 : 3);
	blob_cells(&blob, "ranges", (const uint32_t[]){ 0, 0, 0, 0 }, 4);
	if (buses != NULL) {
		blob_cells(&blob, "bus-range", buses, count);
	}
	blob_tag(&blob, FDT_END_NODE);
	blob_tag(&blob, FDT_END_NODE);
	blob_end(&blob);
	open_blob();
	enum vmbase_error error = vmbase_fdt_next_pci_host(&fdt, &iterator, &host);

	if (error == VMBASE_OK) {
		// Its child addresses are plain numbers, not PCI addresses.
		assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 0, &window), VMBASE_ERROR_UNSUPPORTED);
	}
	return error;
}

static void configuration_space_is_large_enough_for_its_buses(void **state)
{
	static const char ecam[] = "pci-host-ecam-generic";
	static const char cam[] = "pci-host-cam-generic";

	(void)state;
	assert_int_equal(bridge_of(ecam, 0x10000000, NULL, 0), VMBASE_OK);
	assert_int_equal(bridge_of(ecam, 0x0fffffff, NULL, 0), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x200000, (const uint32_t[]){ 7, 8 }, 2), VMBASE_OK);
	assert_int_equal(bridge_of(ecam, 0x1fffff, (const uint32_t[]){ 7, 8 }, 2), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(cam, 0x20000, (const uint32_t[]){ 7, 8 }, 2), VMBASE_OK);
	assert_int_equal(bridge_of(cam, 0x1ffff, (const uint32_t[]){ 7, 8 }, 2), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x20000000, (const uint32_t[]){ 8, 7 }, 2), VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x20000000, (const uint32_t[]){ 0, 256 }, 2),
			 VMBASE_ERROR_OUT_OF_RANGE);
	assert_int_equal(bridge_of(ecam, 0x20000000, (const uint32_t[]){ 0 }, 1), VMBASE_ERROR_CORRUPT);
	assert_int_equal(bridge_of(ecam, 0, NULL, 0), VMBASE_ERROR_CORRUPT);
	assert_int_equal(bridge_of("pci", 0x10000000, NULL, 0), VMBASE_ERROR_NOT_FOUND);
}

static void incomplete_window_of_a_host_bridge_is_an_error(void **state)
{
	static const uint32_t ranges[8] = { 0x02000000, 0, 0x1000, 0, 0x1000, 0, 0x1000 };
	struct vmbase_fdt_pci_window window;

	(void)state;
	for (size_t count = 0; count <= 8; count++) {
		struct vmbase_fdt_iterator iterator = { 0 };
		struct vmbase_fdt_pci_host host;

		blob_begin(&blob);
		blob_node(&blob, "");
		blob_node(&blob, "pcie");
		blob_property(&blob, "compatible", "pci-host-cam-generic", sizeof("pci-host-cam-generic"));
		blob_cells(&blob, "reg", (const uint32_t[]){ 0, 0x1000, 0x1000000 }, 3);
		blob_cells(&blob, "#address-cells", (const uint32_t[]){ 3 }, 1);
		blob_cells(&blob, "#size-cells", (const uint32_t[]){ 2 }, 1);
		if (count > 0) {
			blob_cells(&blob, "ranges", ranges, count);
		}
		blob_tag(&blob, FDT_END_NODE);
		blob_tag(&blob, FDT_END_NODE);
		blob_end(&blob);
		open_blob();
		assert_int_equal(vmbase_fdt_next_pci_host(&fdt, &iterator, &host), VMBASE_OK);
		assert_int_equal(vmbase_fdt_pci_window(&fdt, &host, 0, &window),
				 count == 0  ? VMBASE_ERROR_NOT_FOUND
				 : count < 7 ? VMBASE_ERROR_CORRUPT
					     : VMBASE_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(host_bridge_has_windows_of_each_kind, open_board),
		cmocka_unit_test(configuration_space_is_large_enough_for_its_buses),
		cmocka_unit_test(incomplete_window_of_a_host_bridge_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
