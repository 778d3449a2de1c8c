// SPDX-License-Identifier: Apache-2.0

// PrimeCell UART PL011 (Arm DDI 0183, issue G, 3.3): what a transmitter needs. It is always ready, and never
// receives. A byte that is sent while the UART or its transmitter is disabled is lost, as it would be there.

#include "device.h"
#include "report.h"

enum {
	UARTDR = 0x00,   // data register
	UARTFR = 0x18,   // flag register
	UARTIBRD = 0x24, // integer baud rate register
	UARTFBRD = 0x28, // fractional baud rate register
	UARTLCR_H = 0x2c,
	UARTCR = 0x30, // control register
	UARTIFLS = 0x34,
	UARTIMSC = 0x38,
	UARTICR = 0x44,
	REGISTERS_END = 0x48,
};

#define UARTFR_TXFE_RXFE 0x90 // both FIFOs are empty
#define UARTCR_UARTEN_TXE 0x101
#define UARTCR_RESET 0x300 // TXE and RXE, but not UARTEN
#define UARTIFLS_RESET 0x12

static uint32_t registers[REGISTERS_END / sizeof(uint32_t)] = {
	[UARTCR / sizeof(uint32_t)] = UARTCR_RESET,
	[UARTIFLS / sizeof(uint32_t)] = UARTIFLS_RESET,
};

static bool write_register(uint64_t offset, uint32_t value)
{
	switch (offset) {
	case UARTDR:
		if ((registers[UARTCR / sizeof(uint32_t)] & UARTCR_UARTEN_TXE) == UARTCR_UARTEN_TXE) {
			report_serial_byte(0, (uint8_t)value);
		}
		return true;
	case UARTIBRD:
	case UARTFBRD:
	case UARTLCR_H:
	case UARTCR:
	case UARTIFLS:
	case UARTIMSC:
		registers[offset / sizeof(uint32_t)] = value;
		return true;
	case UARTICR:
		return true;
	default:
		return false;
	}
}

bool uart_pl011_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access)
{
	(void)vm, (void)index;
	if (access->size != sizeof(uint32_t) || offset % sizeof(uint32_t) != 0 || offset >= REGISTERS_END) {
		return false;
	}
	if (access->is_write) {
		return write_register(offset, (uint32_t)access->value);
	}
	access->value = offset == UARTFR ? UARTFR_TXFE_RXFE : registers[offset / sizeof(uint32_t)];
	return true;
}
