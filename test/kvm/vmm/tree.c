// SPDX-License-Identifier: Apache-2.0

#include "tree.h"

#include "end.h"
#include "gic.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <libfdt.h>

enum {
	GIC_PHANDLE = 1,
	SEED_SIZE = 64,
	NAME_MAX_SIZE = 32,
	PPI = 1, // an interrupt that is private to a CPU, …
	SPI = 0, // … or shared
	LEVEL_LOW_CPU0 = 0x108,
	EDGE_RISING = 1,
};

// Whoever writes a tree sees to it that there is room: an error is a bug.
static void check(int error)
{
	if (error != 0) {
		end(END_FAILED, "libfdt: %s", fdt_strerror(error));
	}
}

static void add_ranges(void *fdt, const char *name, const uint64_t *values, size_t count)
{
	fdt64_t cells[8];

	for (size_t i = 0; i < count; i++) {
		cells[i] = cpu_to_fdt64(values[i]);
	}
	check(fdt_property(fdt, name, cells, (int)(count * sizeof(cells[0]))));
}

static void add_numbers(void *fdt, const char *name, const uint32_t *values, size_t count)
{
	fdt32_t cells[12];

	for (size_t i = 0; i < count; i++) {
		cells[i] = cpu_to_fdt32(values[i]);
	}
	check(fdt_property(fdt, name, cells, (int)(count * sizeof(cells[0]))));
}

#define ADD_RANGES(fdt, name, ...)                                                                             \
	add_ranges(fdt, name, (const uint64_t[]){ __VA_ARGS__ },                                               \
		   sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))
#define ADD_NUMBERS(fdt, name, ...)                                                                            \
	add_numbers(fdt, name, (const uint32_t[]){ __VA_ARGS__ },                                              \
		    sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void add_cells(void *fdt, uint32_t address_cells, uint32_t size_cells)
{
	check(fdt_property_u32(fdt, "#address-cells", address_cells));
	check(fdt_property_u32(fdt, "#size-cells", size_cells));
}

static void add_chosen(void *fdt, const struct vm *vm)
{
	const struct description *description = &vm->machine->description;
	uint8_t seed[SEED_SIZE];

	check(fdt_begin_node(fdt, "chosen"));
	check(fdt_property_string(fdt, "bootargs", description->bootargs));
	if (description->stdout_path != NULL && !vm->options->no_console) {
		check(fdt_property_string(fdt, "stdout-path", description->stdout_path));
	}
	if (description->has_rng_seed) {
		if (getrandom(seed, sizeof(seed), 0) != sizeof(seed)) {
			end(END_FAILED, "getrandom gave no seed");
		}
		check(fdt_property(fdt, "rng-seed", seed, sizeof(seed)));
	}
	check(fdt_end_node(fdt));
	if (description->alias != NULL) {
		check(fdt_begin_node(fdt, "aliases"));
		check(fdt_property_string(fdt, "serial0", description->alias));
		check(fdt_end_node(fdt));
	}
}

static void add_memory(void *fdt, const struct vm *vm)
{
	const struct description *description = &vm->machine->description;

	check(fdt_begin_node(fdt, description->memory_node));
	check(fdt_property_string(fdt, "device_type", "memory"));
	ADD_RANGES(fdt, "reg", vm->ram.base + description->memory_offset,
		   vm->ram.size - description->memory_offset);
	check(fdt_end_node(fdt));
}

static void add_cpus(void *fdt, const struct vm *vm)
{
	check(fdt_begin_node(fdt, "cpus"));
	add_cells(fdt, 1, 0);
	for (unsigned int i = 0; i < vm->cpu_count; i++) {
		char name[NAME_MAX_SIZE];

		snprintf(name, sizeof(name), "cpu@%x", i);
		check(fdt_begin_node(fdt, name));
		check(fdt_property_string(fdt, "device_type", "cpu"));
		check(fdt_property_string(fdt, "compatible", "arm,armv8"));
		check(fdt_property_string(fdt, "enable-method", "psci"));
		check(fdt_property_u32(fdt, "reg", i));
		check(fdt_end_node(fdt));
	}
	check(fdt_end_node(fdt));
}

static void add_gic(void *fdt, const struct vm *vm)
{
	const struct machine *machine = vm->machine;
	const uint64_t redistributors_size = (uint64_t)vm->cpu_count * GIC_REDISTRIBUTOR_SIZE;

	check(fdt_begin_node(fdt, "intc"));
	if (vm->gic_version == 3) {
		check(fdt_property_string(fdt, "compatible", "arm,gic-v3"));
		ADD_RANGES(fdt, "reg", machine->gic_distributor, 0x10000,
			   machine->gic_redistributors_end - redistributors_size, redistributors_size);
	} else {
		check(fdt_property_string(fdt, "compatible", "arm,cortex-a15-gic"));
		ADD_RANGES(fdt, "reg", machine->gic_distributor, 0x10000, machine->gic_cpu_interface, 0x20000);
	}
	check(fdt_property(fdt, "interrupt-controller", NULL, 0));
	check(fdt_property_u32(fdt, "#interrupt-cells", 3));
	add_cells(fdt, 2, 2);
	check(fdt_property_u32(fdt, "phandle", GIC_PHANDLE));
	check(fdt_end_node(fdt));
}

static void add_timer_and_psci(void *fdt)
{
	check(fdt_begin_node(fdt, "timer"));
	check(fdt_property_string(fdt, "compatible", "arm,armv8-timer"));
	ADD_NUMBERS(fdt, "interrupts", PPI, 13, LEVEL_LOW_CPU0, PPI, 14, LEVEL_LOW_CPU0, PPI, 11,
		    LEVEL_LOW_CPU0, PPI, 10, LEVEL_LOW_CPU0);
	check(fdt_property(fdt, "always-on", NULL, 0));
	check(fdt_end_node(fdt));

	check(fdt_begin_node(fdt, "psci"));
	check(fdt_property(fdt, "compatible", "arm,psci-1.0\0arm,psci-0.2",
			   sizeof("arm,psci-1.0\0arm,psci-0.2")));
	check(fdt_property_string(fdt, "method", "hvc"));
	check(fdt_end_node(fdt));
}

static void add_uart(void *fdt, const struct machine *machine)
{
	static const char pl011[] = "arm,pl011\0arm,primecell";
	const struct description *description = &machine->description;
	const struct device *uart = &machine->devices[0];

	if (description->bus != NULL) {
		check(fdt_begin_node(fdt, description->bus));
		check(fdt_property_string(fdt, "compatible", "simple-bus"));
		add_cells(fdt, 2, 2);
		check(fdt_property(fdt, "ranges", NULL, 0));
	}
	check(fdt_begin_node(fdt, description->uart_node));
	if (machine->uart == UART_PL011) {
		check(fdt_property(fdt, "compatible", pl011, sizeof(pl011)));
	} else {
		check(fdt_property_string(fdt, "compatible", "ns16550a"));
	}
	ADD_RANGES(fdt, "reg", uart->base, uart->size);
	ADD_NUMBERS(fdt, "interrupts", SPI, 0, EDGE_RISING);
	check(fdt_end_node(fdt));
	if (description->bus != NULL) {
		check(fdt_end_node(fdt));
	}
}

size_t tree_make(const struct vm *vm, void *buffer, size_t buffer_size)
{
	const struct description *description = &vm->machine->description;

	check(fdt_create(buffer, (int)buffer_size));
	check(fdt_finish_reservemap(buffer));
	check(fdt_begin_node(buffer, description->root_node != NULL ? description->root_node : ""));
	check(fdt_property_string(buffer, "compatible", "linux,dummy-virt"));
	add_cells(buffer, 2, 2);
	check(fdt_property_u32(buffer, "interrupt-parent", GIC_PHANDLE));
	add_chosen(buffer, vm);
	add_memory(buffer, vm);
	add_cpus(buffer, vm);
	add_gic(buffer, vm);
	add_timer_and_psci(buffer);
	if (!vm->options->no_console) {
		add_uart(buffer, vm->machine);
	}
	check(fdt_end_node(buffer));
	check(fdt_finish(buffer));
	return fdt_totalsize(buffer);
}
