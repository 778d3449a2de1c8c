// SPDX-License-Identifier: Apache-2.0

// Interrupts are unmasked, and the first byte of the report raises one. On the platform `custom`, whose map
// has the devices.

#include "crash.h"

#include <vmbase/mmio.h>
#include <vmbase/panic.h>

#define GICD UINT64_C(0x08000000)
#define GICD_CTLR 0x000
#define GICD_ISENABLER1 0x104
#define GICD_ITARGETSR8 0x820
#define GICC UINT64_C(0x08010000)
#define GICC_CTLR 0x00
#define GICC_PMR 0x04

#define UART UINT64_C(0x09000000)
#define UARTIMSC 0x38
#define UARTICR 0x44
#define UART_ALL 0x7ff
#define UART_TRANSMIT 0x20
#define UART_SPI 1

VMBASE_CONSOLE_PL011(0x09000000);

static void crash(void)
{
	vmbase_mmio_write32(GICD + GICD_CTLR, 1);
	vmbase_mmio_write32(GICD + GICD_ITARGETSR8, UINT32_C(1) << 8 * UART_SPI);
	vmbase_mmio_write32(GICD + GICD_ISENABLER1, UINT32_C(1) << UART_SPI);
	vmbase_mmio_write32(GICC + GICC_PMR, 0xff);
	vmbase_mmio_write32(GICC + GICC_CTLR, 1);
	vmbase_mmio_write32(UART + UARTICR, UART_ALL);
	vmbase_mmio_write32(UART + UARTIMSC, UART_TRANSMIT);
	__asm__ volatile("msr daifclr, #2\n\tisb" : : : "memory");
	vmbase_panic("with interrupts");
}

CRASH(crash);
