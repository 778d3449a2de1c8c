// SPDX-License-Identifier: Apache-2.0

#include "machine.h"

#include "../test_device.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

// crosvm, aarch64/src/lib.rs.
static const struct device crosvm_devices[] = {
	{ .base = 0x3f8, .size = 8, .index = 0, .answer = uart_8250_answer },
	{ .base = 0x2f8, .size = 8, .index = 1, .answer = uart_8250_answer },
	{ .base = 0x3e8, .size = 8, .index = 2, .answer = uart_8250_answer },
	{ .base = 0x2e8, .size = 8, .index = 3, .answer = uart_8250_answer },
	{ .base = TEST_DEVICE_BASE, .size = TEST_DEVICE_SIZE, .answer = test_device_answer },
	{ .base = 0x2000, .size = 0x1000, .answer = rtc_answer },
	{ .base = 0x3000, .size = 0x1000, .answer = watchdog_answer },
};

const struct machine machine_crosvm = {
	.name = "crosvm",
	.ram_base = 0x80000000,
	.load_address = 0x80200000,
	.dtb_address = 0x80000000,
	.gic_distributor = 0x3fff0000,
	.gic_redistributors_end = 0x3fff0000,
	.gic_cpu_interface = 0x3ffd0000,
	.devices = crosvm_devices,
	.device_count = ARRAY_SIZE(crosvm_devices),
};
