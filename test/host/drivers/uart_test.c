// SPDX-License-Identifier: Apache-2.0

// Each UART driver makes one access for a byte, at the right address and with the right width.

#include "../../../src/console/console_driver.h"

#include <vmbase/mmio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BASE 0x1000

static struct {
	unsigned int count;
	unsigned int bits; // of the last access
	uintptr_t address;
	uint32_t value;
} writes;

static void record(unsigned int bits, uintptr_t address, uint32_t value)
{
	writes.count++;
	writes.bits = bits;
	writes.address = address;
	writes.value = value;
}

void vmbase_mmio_write8(uintptr_t address, uint8_t value)
{
	record(8, address, value);
}

void vmbase_mmio_write16(uintptr_t address, uint16_t value)
{
	record(16, address, value);
}

void vmbase_mmio_write32(uintptr_t address, uint32_t value)
{
	record(32, address, value);
}

// The values of registers, and the accesses that read them.
static struct {
	uintptr_t status_address;
	uint32_t status;
	uint32_t data;
	unsigned int bits;
	unsigned int count;
} reads;

static uint32_t read_register(unsigned int bits, uintptr_t address)
{
	assert_int_equal(bits, reads.bits);
	reads.count++;
	if (address == reads.status_address) {
		return reads.status;
	}
	assert_int_equal(address, BASE);
	return reads.data;
}

uint8_t vmbase_mmio_read8(uintptr_t address)
{
	return (uint8_t)read_register(8, address);
}

uint16_t vmbase_mmio_read16(uintptr_t address)
{
	return (uint16_t)read_register(16, address);
}

uint32_t vmbase_mmio_read32(uintptr_t address)
{
	return read_register(32, address);
}

// The data register is read only if the status says that a byte was received.
static void received_byte_is_read(void **state)
{
	(void)state;
	reads.status_address = BASE + 0x18;
	reads.bits = 32;
	reads.count = 0;
	reads.status = 0x90;
	reads.data = 0xfe5;
	assert_int_equal(vmb_uart_pl011_read(BASE), -1);
	assert_int_equal(reads.count, 1);
	reads.status = 0x80;
	assert_int_equal(vmb_uart_pl011_read(BASE), 0xe5);
	assert_int_equal(reads.count, 3);

	reads.status_address = BASE + 5;
	reads.bits = 8;
	reads.count = 0;
	reads.status = 0x60;
	assert_int_equal(vmb_uart_8250_read(BASE), -1);
	assert_int_equal(reads.count, 1);
	reads.status = 0x61;
	assert_int_equal(vmb_uart_8250_read(BASE), 0xe5);
	assert_int_equal(reads.count, 3);

	for (int i = 0; i < 3; i++) {
		for (unsigned int shift = 0; shift <= 9; shift++) {
			reads.status_address = BASE + ((uintptr_t)5 << shift);
			reads.bits = 8U << i;
			reads.count = 0;
			reads.status = 0x60;
			assert_int_equal(vmb_uart_8250_spaced_read(&vmb_uart_8250_spaced[i], BASE, shift), -1);
			assert_int_equal(reads.count, 1);
			reads.status = 0x61;
			assert_int_equal(vmb_uart_8250_spaced_read(&vmb_uart_8250_spaced[i], BASE, shift),
					 0xe5);
			assert_int_equal(reads.count, 3);
		}
	}
}

// At boot only the page of the data register is mapped.
static void a_status_in_another_page_is_not_read(void **state)
{
	(void)state;
	reads.count = 0;
	for (int i = 0; i < 3; i++) {
		for (unsigned int shift = 10; shift <= 15; shift++) {
			assert_int_equal(vmb_uart_8250_spaced_read(&vmb_uart_8250_spaced[i], BASE, shift),
					 VMB_NO_RECEIVER);
		}
		assert_int_equal(vmb_uart_8250_spaced_read(&vmb_uart_8250_spaced[i], BASE + 0xfc0, 4),
				 VMB_NO_RECEIVER);
	}
	assert_int_equal(reads.count, 0);
}

// Its registers are unknown.
static void a_driver_of_the_guest_is_not_read(void **state)
{
	static const struct vmbase_uart_driver driver;

	(void)state;
	reads.count = 0;
	assert_int_equal(vmb_uart_8250_spaced_read(&driver, BASE, 0), VMB_NO_RECEIVER);
	assert_int_equal(reads.count, 0);
}

static void check_byte(const struct vmbase_uart_driver *driver, unsigned int bits)
{
	writes.count = 0;
	driver->write(BASE, 0xe5);
	assert_int_equal(writes.count, 1);
	assert_int_equal(writes.bits, bits);
	assert_int_equal(writes.address, BASE);
	assert_int_equal(writes.value, 0xe5);
}

static void each_byte_is_one_access(void **state)
{
	(void)state;
	check_byte(&vmbase_uart_pl011, 32);
	check_byte(&vmb_uart_sbsa, 32);
	check_byte(&vmbase_uart_8250, 8);
	check_byte(&vmb_uart_8250_spaced[0], 8);
	check_byte(&vmb_uart_8250_spaced[1], 16);
	check_byte(&vmb_uart_8250_spaced[2], 32);
}

static void set_up_writes_known_values(void **state)
{
	(void)state;
	writes.count = 0;
	vmbase_uart_pl011.init(BASE);
	assert_int_equal(writes.count, 1);
	assert_int_equal(writes.address, BASE + 0x30);
	assert_int_equal(writes.value, 0x301);
	vmbase_uart_8250.init(BASE);
	assert_int_equal(writes.count, 2);
	assert_int_equal(writes.address, BASE + 3);
	assert_int_equal(writes.value, 3);
	// An SBSA UART needs no set-up.
	vmb_uart_sbsa.init(BASE);
	assert_int_equal(writes.count, 2);
}

// The driver does not know where its other registers are.
static void a_spaced_8250_is_not_set_up(void **state)
{
	(void)state;
	writes.count = 0;
	for (int i = 0; i < 3; i++) {
		vmb_uart_8250_spaced[i].init(BASE);
	}
	assert_int_equal(writes.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_is_one_access),
		cmocka_unit_test(received_byte_is_read),
		cmocka_unit_test(a_status_in_another_page_is_not_read),
		cmocka_unit_test(a_driver_of_the_guest_is_not_read),
		cmocka_unit_test(set_up_writes_known_values),
		cmocka_unit_test(a_spaced_8250_is_not_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
