// SPDX-License-Identifier: Apache-2.0

// Driver for an 8250 with registers that are more than a byte apart, or wider than a byte (Linux,
// Documentation/devicetree/bindings/serial/8250.yaml, reg-shift and reg-io-width). The driver writes only to
// the first register, whose address does not depend on the spacing.

#include <vmbase/mmio.h>

#include "../../base/align.h"
#include "../../console/console_driver.h"

#define LSR 5    // line status register
#define LSR_DR 1 // data ready

static void init(uintptr_t base)
{
	(void)base;
}

static void write8(uintptr_t base, uint8_t byte)
{
	vmbase_mmio_write8(base, byte);
}

static void write16(uintptr_t base, uint8_t byte)
{
	vmbase_mmio_write16(base, byte);
}

static void write32(uintptr_t base, uint8_t byte)
{
	vmbase_mmio_write32(base, byte);
}

int vmb_uart_8250_spaced_read(const struct vmbase_uart_driver *driver, uintptr_t base, unsigned int shift)
{
	const uintptr_t line_status = base + ((uintptr_t)LSR << shift);

	// Only the page of the first register is mapped.
	if ((line_status ^ base) / VMB_PAGE_SIZE != 0) {
		return VMB_NO_RECEIVER;
	}
	if (driver == &vmb_uart_8250_spaced[0]) {
		return (vmbase_mmio_read8(line_status) & LSR_DR) != 0 ? vmbase_mmio_read8(base) : VMB_NO_BYTE;
	}
	if (driver == &vmb_uart_8250_spaced[1]) {
		return (vmbase_mmio_read16(line_status) & LSR_DR) != 0 ? (uint8_t)vmbase_mmio_read16(base)
								       : VMB_NO_BYTE;
	}
	if (driver == &vmb_uart_8250_spaced[2]) {
		return (vmbase_mmio_read32(line_status) & LSR_DR) != 0 ? (uint8_t)vmbase_mmio_read32(base)
								       : VMB_NO_BYTE;
	}
	// The driver is the guest's own.
	return VMB_NO_RECEIVER;
}

const struct vmbase_uart_driver vmb_uart_8250_spaced[] = {
	[0] = { .init = init, .write = write8 },
	[1] = { .init = init, .write = write16 },
	[2] = { .init = init, .write = write32 },
};
