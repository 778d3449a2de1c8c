// SPDX-License-Identifier: Apache-2.0

// An interrupt of a GICv2, on the platform `custom`, whose map has the devices.

#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/main.h>
#include <vmbase/mmio.h>

#define GICD UINT64_C(0x08000000)
#define GICD_CTLR 0x000
#define GICD_ISENABLER 0x100
#define GICD_SGIR 0xf00
#define GICC UINT64_C(0x08010000)
#define GICC_CTLR 0x00
#define GICC_PMR 0x04
#define GICC_IAR 0x0c
#define GICC_EOIR 0x10

#define SGI 5

VMBASE_CONSOLE_PL011(0x09000000);

static volatile uint32_t acknowledged;
static volatile int interrupts;

void irq_current(struct vmbase_exception_frame *frame)
{
	(void)frame;
	acknowledged = vmbase_mmio_read32(GICC + GICC_IAR);
	interrupts = interrupts + 1;
	vmbase_mmio_write32(GICC + GICC_EOIR, acknowledged);
}

static void irq(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_mmio_write32(GICD + GICD_CTLR, 1);
	vmbase_mmio_write32(GICD + GICD_ISENABLER, UINT32_C(1) << SGI);
	vmbase_mmio_write32(GICC + GICC_PMR, 0xff);
	vmbase_mmio_write32(GICC + GICC_CTLR, 1);
	vmbase_mmio_write32(GICD + GICD_SGIR, UINT32_C(2) << 24 | SGI); // to this CPU
	tap_ok(interrupts == 0, "no interrupt arrives while interrupts are masked");
	__asm__ volatile("msr daifclr, #2\n\tisb\n\tmsr daifset, #2" : : : "memory");
	tap_ok(interrupts == 1 && (acknowledged & 0x3ff) == SGI,
	       "the interrupt arrives when interrupts are unmasked");
	tap_done();
}

VMBASE_MAIN(irq);
