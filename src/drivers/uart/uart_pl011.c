// SPDX-License-Identifier: Apache-2.0

// PrimeCell UART PL011 (Arm DDI 0183, issue G, 3.3).

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

#define UARTFR_RXFE UINT32_C(0x10) // nothing has been received

// There is no line whose speed or framing a VM could set: enabling is all that a VMM's PL011 may ask for.
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
	// Above the byte are flags that say what was wrong with it.
	return (uint8_t)vmbase_mmio_read32(base + UARTDR);
}

const struct vmbase_uart_driver vmbase_uart_pl011 = { .init = init, .write = write };

// The SBSA's Generic UART (Arm DEN 0029, issue F, appendix B) has a PL011's data register, and is ready as it
// is.
static void init_nothing(uintptr_t base)
{
	(void)base;
}

const struct vmbase_uart_driver vmb_uart_sbsa = { .init = init_nothing, .write = write };
