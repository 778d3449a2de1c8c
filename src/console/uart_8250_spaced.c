// SPDX-License-Identifier: Apache-2.0

// An 8250 whose registers are further apart than a byte, or accessed by more than one (Linux,
// Documentation/devicetree/bindings/serial/8250.yaml, reg-shift and reg-io-width). The first register is where
// it always is, and the only one that is written to: how far the line control register is away is not known
// here.

#include <vmbase/mmio.h>

#include "console.h"

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

const struct vmbase_uart_driver vmb_uart_8250_spaced[] = {
	[0] = { .init = init, .write = write8 },
	[1] = { .init = init, .write = write16 },
	[2] = { .init = init, .write = write32 },
};
