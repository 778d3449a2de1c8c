// SPDX-License-Identifier: Apache-2.0

// An 8250 whose registers are further apart than a byte, or accessed by more than one (Linux,
// Documentation/devicetree/bindings/serial/8250.yaml, reg-shift and reg-io-width).

#include <vmbase/mmio.h>

#include "console.h"

enum {
	THR = 0, // transmitter holding register, while LCR.DLAB is clear
	LCR = 3, // line control register
};

#define LCR_8N1 UINT8_C(0x03) // eight data bits, no parity, one stop bit; DLAB clear

static uint8_t shift;
static uint8_t bytes = 1;

void vmb_uart_8250_space(uint8_t register_shift, uint8_t access_bytes)
{
	shift = register_shift;
	bytes = access_bytes;
}

static void write_register(uintptr_t base, unsigned int index, uint8_t value)
{
	uintptr_t address = base + ((uintptr_t)index << shift);

	switch (bytes) {
	case 1:
		vmbase_mmio_write8(address, value);
		break;
	case 2:
		vmbase_mmio_write16(address, value);
		break;
	default:
		vmbase_mmio_write32(address, value);
		break;
	}
}

static void init(uintptr_t base)
{
	write_register(base, LCR, LCR_8N1);
}

static void write(uintptr_t base, uint8_t byte)
{
	write_register(base, THR, byte);
}

const struct vmbase_uart_driver vmb_uart_8250_spaced = { .init = init, .write = write };
