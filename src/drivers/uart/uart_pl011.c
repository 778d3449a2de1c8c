// SPDX-License-Identifier: Apache-2.0

// Drivers for the PrimeCell UART PL011 (Arm DDI 0183, issue G, 3.3) and the SBSA UART.

#include <vmbase/mmio.h>

#include "../../console/console_driver.h"

enum {
	UARTDR = 0x00, // data register
	UARTFR = 0x18, // flag register
	UARTCR = 0x30, // control register
};

#define UARTCR_UARTEN UINT32_C(0x001)
#define UARTCR_TXE UINT32_C(0x100)
#define UARTCR_RXE UINT32_C(0x200)

#define UARTFR_RXFE UINT32_C(0x10) // the receive FIFO is empty

// A virtual UART has no line with a speed or framing, so enabling the UART is enough.
static void init(uintptr_t base)
{
	vmbase_mmio_write32(base + UARTCR, UARTCR_UARTEN | UARTCR_TXE | UARTCR_RXE);
}

static void write(uintptr_t base, uint8_t byte)
{
	vmbase_mmio_write32(base + UARTDR, byte);
}

int vmb_uart_pl011_read(uintptr_t base)
{
	if ((vmbase_mmio_read32(base + UARTFR) & UARTFR_RXFE) != 0) {
		return VMB_NO_BYTE;
	}
	// The bits above the byte are error flags.
	return (uint8_t)vmbase_mmio_read32(base + UARTDR);
}

const struct vmbase_uart_driver vmbase_uart_pl011 = { .init = init, .write = write };

// The SBSA's Generic UART (Arm DEN 0029, issue F, appendix B) has the data register of a PL011 and needs no
// initialisation.
static void init_nothing(uintptr_t base)
{
	(void)base;
}

const struct vmbase_uart_driver vmb_uart_sbsa = { .init = init_nothing, .write = write };
