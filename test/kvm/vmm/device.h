// SPDX-License-Identifier: Apache-2.0

// What the bus knows of a device: where it is, and the function that answers.

#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stdint.h>

struct vm;

struct access {
	uint64_t address;
	unsigned int size; // bytes: 1, 2, 4 or 8
	bool is_write;
	uint64_t value; // what is written, or where a read's answer goes
};

struct device {
	uint64_t base;
	uint64_t size;
	unsigned int index; // among the devices of its kind

	// Answers an access at an offset from the base. False: there is no such register, or not of this size.
	bool (*answer)(struct vm *vm, unsigned int index, uint64_t offset, struct access *access);
};

bool uart_pl011_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access);
bool uart_8250_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access);
bool rtc_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access);
bool watchdog_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access);
bool test_device_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access);

#endif
