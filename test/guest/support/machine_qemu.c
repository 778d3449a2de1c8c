// SPDX-License-Identifier: Apache-2.0

// QEMU's machine `virt` with 256 MiB of RAM, as platform `qemu` has it.

#include "machine.h"

#include <vmbase/mmio.h>

#define UART UINT64_C(0x09000000) // a PL011
#define UARTCR 0x30
#define RTC UINT64_C(0x09010000) // a PL031: its peripheral ID begins at 0xfe0
#define RTC_PERIPH_ID0 0xfe0
#define RTC_PERIPH_ID0_VALUE 0x31

struct machine machine = {
	.is_qemu = true,
	.image_begin = 0x40080000,
	.layout_ram = { 0x41000000, 0x44000000 },
	.ram = { 0x40000000, 0x50000000 },
	.free_ram = { 0x4a000000, 0x50000000 },
	.unmapped = 0x41000000 - 1,
	.device = RTC,
	.device_register = RTC + RTC_PERIPH_ID0,
	.device_mask = 0xff,
	.device_value = RTC_PERIPH_ID0_VALUE,
	.gic_distributor = 0x08000000,
	.gic_cpu_interface = 0x08010000,
};

void machine_disturb_uart(void)
{
	vmbase_mmio_write32(UART + UARTCR, 0); // disables the UART
}
