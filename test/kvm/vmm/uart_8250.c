// SPDX-License-Identifier: Apache-2.0

// A 16550-compatible UART with byte-wide registers (National Semiconductor PC16550D, table II). It transmits at
// once and never receives.

#include "device.h"
#include "report.h"

enum {
	REGISTER_COUNT = 8,
	THR = 0, // transmitter holding register, while LCR.DLAB is clear
	IIR = 2, // interrupt identification register, when read
	LCR = 3, // line control register
	LSR = 5, // line status register
	MSR = 6, // modem status register
};

#define LCR_DLAB 0x80      // the first two registers are the divisor latch
#define LSR_EMPTY 0x60     // the holding and the shift register are empty
#define IIR_NO_INTERRUPT 1 // none is pending
#define DIVISOR_SIZE 2

struct uart {
	uint8_t registers[REGISTER_COUNT];
	uint8_t divisor[DIVISOR_SIZE];
};

static struct uart uarts[SERIAL_LINE_COUNT];

static uint8_t read_register(const struct uart *uart, uint64_t reg)
{
	if (reg < DIVISOR_SIZE && (uart->registers[LCR] & LCR_DLAB)) {
		return uart->divisor[reg];
	}
	switch (reg) {
	case THR: // the receiver buffer, when read
	case MSR:
		return 0;
	case IIR:
		return IIR_NO_INTERRUPT;
	case LSR:
		return LSR_EMPTY;
	default:
		return uart->registers[reg];
	}
}

static void write_register(struct uart *uart, unsigned int line, uint64_t reg, uint8_t value)
{
	if (reg < DIVISOR_SIZE && (uart->registers[LCR] & LCR_DLAB)) {
		uart->divisor[reg] = value;
	} else if (reg == THR) {
		report_serial_byte(line, value);
	} else {
		uart->registers[reg] = value;
	}
}

bool uart_8250_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access)
{
	struct uart *uart = &uarts[index];

	(void)vm;
	if (access->size != 1 || offset >= REGISTER_COUNT) {
		return false;
	}
	if (access->is_write) {
		write_register(uart, index, offset, (uint8_t)access->value);
	} else {
		access->value = read_register(uart, offset);
	}
	return true;
}
