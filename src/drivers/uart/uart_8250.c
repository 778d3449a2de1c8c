// SPDX-License-Identifier: Apache-2.0

// Driver for a 16550-compatible UART with byte-wide registers at consecutive addresses (National Semiconductor
// PC16550D, table II).

#include <vmbase/mmio.h>

#include "../../console/console_driver.h"

enum {
	RBR = 0, // receiver buffer register, while LCR.DLAB is clear: read
	THR = 0, // transmitter holding register, likewise: written
	LCR = 3, // line control register
	LSR = 5, // line status register
};

#define LCR_8N1 UINT8_C(0x03) // eight data bits, no parity, one stop bit; DLAB clear
#define LSR_DR UINT8_C(0x01)  // data ready

static void init(uintptr_t base)
{
	vmbase_mmio_write8(base + LCR, LCR_8N1);
}

static void write(uintptr_t base, uint8_t byte)
{
	vmbase_mmio_write8(base + THR, byte);
}

int vmb_uart_8250_read(uintptr_t base)
{
	return (vmbase_mmio_read8(base + LSR) & LSR_DR) != 0 ? vmbase_mmio_read8(base + RBR) : VMB_NO_BYTE;
}

const struct vmbase_uart_driver vmbase_uart_8250 = { .init = init, .write = write };
