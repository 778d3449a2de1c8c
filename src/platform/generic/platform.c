// SPDX-License-Identifier: Apache-2.0

// The platform `generic`: a machine that describes itself by a device tree.

#include "../../arch/barrier.h"
#include "../../base/align.h"
#include "../../base/overlap.h"
#include "../../console/console_driver.h"
#include "../../fdt/fdt_psci.h"
#include "../boot_map.h"
#include "../platform.h"
#include "generic.h"

#include <string.h>

#define ADDRESSES_END (UINT64_C(1) << GENERIC_VA_BITS)

// From the base of a UART to the end of the last register that a driver writes, the control register of a
// PL011.
#define UART_BYTES 0x34

struct vmb_generic vmb_generic;

#define IMAGE_REGIONS                                                                                          \
	(sizeof((const struct vmb_region[]){ BOOT_MAP_IMAGE_REGIONS }) / sizeof(struct vmb_region))
// Also the tree, the console, and the end. A region that does not exist yet is zero.
#define REGIONS (IMAGE_REGIONS + 3)

// A constant, except that the boot writes to it through the window.
__attribute__((section(
	".data.rel.ro.vmb_regions"))) static struct vmb_region regions[REGIONS] = { BOOT_MAP_IMAGE_REGIONS };
extern const struct vmb_region vmb_boot_regions[REGIONS] __attribute__((alias("regions")));

// Returns the address in the window of memory that the first map maps.
static void *through_window(uintptr_t physical)
{
	return (void *)(physical + WINDOW); // NOLINT(performance-no-int-to-ptr)
}

// Maps the GiB, or the two, that a tree at an address may be in.
static void show_tree(uintptr_t address)
{
	uint64_t *table = through_window((uintptr_t)vmb_first_map_table);

	for (uintptr_t gib = address / GIB; gib <= (address + TREE_SIZE_MAX - 1) / GIB; gib++) {
		table[gib] = gib * GIB | FIRST_MAP_ATTRIBUTES;
	}
	vmb_publish_descriptors();
}

// The boot map while it is being built, and the place of the next region of vmb_boot_regions in the window.
struct map {
	struct vmb_boot_map_builder builder;
	struct vmb_region *next;
};

static void map_image(struct map *map)
{
	vmb_boot_map_begin(&map->builder, GENERIC_LEVEL1_ENTRIES);
	vmb_boot_map_add(&map->builder, vmb_boot_regions);
	vmb_boot_map_switch(map->builder.level1);
	map->builder.window = WINDOW;
	map->next = through_window((uintptr_t)&regions[IMAGE_REGIONS]);
}

static void map_more(struct map *map, uintptr_t begin, uintptr_t end, uint64_t attributes)
{
	*map->next = (struct vmb_region){ begin, end, attributes };
	vmb_boot_map_add(&map->builder, map->next++);
	vmb_publish_descriptors();
}

// Moves a tree that is in the page at address 0, and returns its new range. That page is never mapped, since
// its addresses are null pointers, or close to them.
static struct vmbase_range move_behind_image(struct vmbase_range tree)
{
	const uintptr_t begin = vmb_image_range().end;
	const size_t size_bytes = tree.end - tree.begin;

	show_tree(begin);
	memcpy(through_window(begin), through_window(tree.begin), size_bytes);
	return (struct vmbase_range){ begin, begin + size_bytes };
}

// Maps and opens the tree that entry.S has found. Stores its range and the opened tree in vmb_generic.
static void find_tree(struct map *map, uintptr_t address)
{
	struct vmbase_range range;
	const uint32_t *header;

	if (address == GENERIC_NO_TREE) {
		return;
	}
	show_tree(address);
	header = through_window(address);
	range = (struct vmbase_range){ .begin = address, .end = address + __builtin_bswap32(header[1]) };
	if (vmb_overlap(range, vmb_image_range())) {
		return;
	}
	if (address < VMB_PAGE_SIZE) {
		range = move_behind_image(range);
	}
	map_more(map, vmb_align_down(range.begin, VMB_PAGE_SIZE), range.end, BOOT_MAP_RODATA);
	// NOLINTNEXTLINE(performance-no-int-to-ptr)
	if (vmbase_fdt_open(&vmb_generic.tree, (const void *)range.begin, range.end - range.begin) ==
	    VMBASE_OK) {
		vmb_generic.has_tree = true;
		vmb_generic.tree_range = range;
	}
}

static const struct vmbase_uart_driver *driver_of(const struct vmbase_fdt_console *console)
{
	if (console->uart == VMBASE_FDT_UART_PL011) {
		return &vmbase_uart_pl011;
	}
	if (console->uart == VMBASE_FDT_UART_SBSA) {
		return &vmb_uart_sbsa;
	}
	if (console->register_shift == 0 && console->access_bytes == 1) {
		return &vmbase_uart_8250;
	}
	return &vmb_uart_8250_spaced[console->access_bytes / 2];
}

// Maps the page of the console's registers, and converts *address from physical to virtual. Returns false, and
// maps nothing, if the registers are in two pages or in memory that is mapped already.
static bool map_console(struct map *map, uintptr_t *address)
{
	const uintptr_t base = *address;
	const struct vmbase_range page = { .begin = vmb_align_down(base, VMB_PAGE_SIZE),
					   .end = vmb_align_down(base, VMB_PAGE_SIZE) + VMB_PAGE_SIZE };

	if (base >= ADDRESSES_END || base + UART_BYTES > page.end || vmb_overlap(page, vmb_image_range()) ||
	    vmb_overlap(page, vmb_generic.tree_range)) {
		return false;
	}
	// A null pointer must not reach a register.
	const uintptr_t offset = page.begin == 0 ? (uintptr_t)vmb_console_alias : 0;

	map_more(map, page.begin + offset, page.end + offset, BOOT_MAP_DEVICE - offset);
	*address = base + offset;
	return true;
}

static void find_console(struct map *map)
{
	struct vmbase_console *console = through_window((uintptr_t)&vmb_found_console);
	struct vmbase_fdt_console found;

	if (vmbase_fdt_console(&vmb_generic.tree, &found) == VMBASE_OK &&
	    map_console(map, &found.registers.begin)) {
		console->driver = driver_of(&found);
		console->base = found.registers.begin;
		vmb_console_register_shift = found.register_shift;
	}
}

static void find_ram(void)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range range;
	enum vmbase_error error;

	while ((error = vmbase_fdt_next_memory(&vmb_generic.tree, &iterator, &range)) !=
	       VMBASE_ERROR_NOT_FOUND) {
		if (error == VMBASE_OK && vmb_overlap(range, vmb_image_range())) {
			vmb_generic.ram = range;
			return;
		}
	}
}

// All calls of PSCI 0.1 fail. The line tells the user why the VM does not end.
__attribute__((constructor)) static void tell_of_old_psci(void)
{
	if (vmb_generic_found()->psci_error == VMBASE_ERROR_UNSUPPORTED) {
		vmbase_println("# vmbase: PSCI 0.1 cannot power off or reset");
	}
}

void vmb_generic_set_up(uintptr_t tree, bool at_el2)
{
	struct map map;

	map_image(&map);
	find_tree(&map, tree);
	if (vmb_generic.has_tree) {
		find_console(&map);
		find_ram();
		vmb_generic.psci_error = vmb_fdt_psci(&vmb_generic.tree, &vmbase_smccc_conduit);
	}
	// HVC reaches only the vector that stays at EL2.
	vmb_generic.at_el2 = at_el2;
	if (at_el2) {
		vmbase_smccc_conduit = VMBASE_SMCCC_SMC;
	}
}

// The seed of the tree is for machines without another source of entropy. It is wiped, so that no later reader
// of the tree gets it.
void vmb_platform_ready(void)
{
	if (vmb_generic.has_tree) {
		(void)vmbase_fdt_feed_entropy(&vmb_generic.tree, through_window(vmb_generic.tree_range.begin));
	}
	vmb_window_close();
}
