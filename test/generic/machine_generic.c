// SPDX-License-Identifier: Apache-2.0

// The machine that the device tree describes.

#include "../guest/support/machine.h"

#include <vmbase/console.h>
#include <vmbase/fdt.h>
#include <vmbase/mmio.h>
#include <vmbase/power.h>
#include <vmbase/ram.h>

#include <stddef.h>

#define PAGE_SIZE UINT64_C(0x1000)
#define FREE_RAM_ALIGNMENT UINT64_C(0x2000000)

#define PL031_PERIPH_ID0 0xfe0
#define PL031_PERIPH_ID0_VALUE 0x31
// The GIC's architecture version (IHI 0048, issue B.b, 4.3.17, and IHI 0069, issue H, GICD_PIDR2).
#define GICV2_PIDR2 0xfe8
#define GICV3_PIDR2 0xffe8
#define PIDR2_ARCHITECTURE_SHIFT 4
#define PIDR2_ARCHITECTURE_MASK UINT32_C(0xf0)

#define UARTCR 0x30
#define LCR 3
#define LCR_DLAB 0x80

struct machine machine;
static struct vmbase_fdt fdt;
static struct vmbase_fdt_console console;

static _Noreturn void bail_out(const char *reason)
{
	vmbase_println("Bail out! %s", reason);
	vmbase_reboot();
}

static bool find_compatible(const char *compatible, struct vmbase_range *registers)
{
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;

	return vmbase_fdt_next_compatible(&fdt, &node, compatible) &&
	       vmbase_fdt_reg(&fdt, &node, 0, registers) == VMBASE_OK;
}

// Finds the tree's range with the image. vmbase_layout_ram() must return the same range.
static void find_layout_ram(void)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_range range;

	while (vmbase_fdt_next_memory(&fdt, &iterator, &range) == VMBASE_OK) {
		if (vmbase_layout_text().begin >= range.begin && vmbase_layout_text().begin < range.end) {
			machine.layout_ram = range;
		}
	}
}

static void find_free_ram(void)
{
	struct vmbase_range range = { 0, 0 };

	while (vmbase_ram_next_free(range.end, &range) == VMBASE_OK) {
		const uintptr_t begin = (range.begin + PAGE_SIZE + FREE_RAM_ALIGNMENT - 1) /
					FREE_RAM_ALIGNMENT * FREE_RAM_ALIGNMENT;

		if (range.begin >= machine.layout_ram.begin && range.end <= machine.layout_ram.end &&
		    begin < range.end && range.end - begin >= MACHINE_FREE_BYTES) {
			machine.free_ram = (struct vmbase_range){ begin, range.end };
			machine.ram = (struct vmbase_range){ machine.layout_ram.begin, range.end };
			machine.unmapped = begin;
			return;
		}
	}
	bail_out("too little RAM is free");
}

static void use_register(uintptr_t address, uint32_t mask, uint32_t value)
{
	machine.device = address / PAGE_SIZE * PAGE_SIZE;
	machine.device_register = address;
	machine.device_mask = mask;
	machine.device_value = value;
}

// Uses a PL031, which QEMU and some VMMs have, or the GIC, which all have.
static void find_devices(void)
{
	struct vmbase_fdt_gic gic;
	struct vmbase_range rtc;

	if (vmbase_fdt_gic(&fdt, &gic) != VMBASE_OK) {
		bail_out("there is no GIC");
	}
	if (gic.version == 2) {
		machine.gic_distributor = gic.distributor.begin;
		machine.gic_cpu_interface = gic.cpu_interface.begin;
	}
	if (find_compatible("arm,pl031", &rtc)) {
		use_register(rtc.begin + PL031_PERIPH_ID0, UINT8_MAX, PL031_PERIPH_ID0_VALUE);
	} else {
		use_register(gic.distributor.begin + (gic.version == 2 ? GICV2_PIDR2 : GICV3_PIDR2),
			     PIDR2_ARCHITECTURE_MASK, gic.version << PIDR2_ARCHITECTURE_SHIFT);
	}
}

__attribute__((constructor)) static void find_machine(void)
{
	const struct vmbase_range tree = vmbase_layout_dtb();
	struct vmbase_range ignored;

	if (vmbase_fdt_open(&fdt, (const void *)tree.begin, tree.end - tree.begin) != VMBASE_OK ||
	    vmbase_fdt_console(&fdt, &console) != VMBASE_OK) {
		bail_out("there is no device tree, or no console in it");
	}
	find_layout_ram();
	find_free_ram();
	find_devices();
	machine.is_qemu = find_compatible("qemu,fw-cfg-mmio", &ignored);
	if (machine.is_qemu) {
		// The address at which QEMU loads an Image, and the RAM size of vmbase-run.
		machine.image_begin = 0x40200000;
		machine.layout_ram = (struct vmbase_range){ 0x40000000, 0x50000000 };
	}
}

void machine_disturb_uart(void)
{
	const uintptr_t base = vmbase_layout_console().begin + console.registers.begin % PAGE_SIZE;

	if (console.uart == VMBASE_FDT_UART_PL011) {
		vmbase_mmio_write32(base + UARTCR, 0); // disables the UART
	} else if (console.register_shift == 0 && console.access_bytes == 1) {
		vmbase_mmio_write8(base + LCR, LCR_DLAB); // bytes are written to the divisor
	}
}
