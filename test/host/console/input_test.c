// SPDX-License-Identifier: Apache-2.0

// Input of programs: which driver is asked, and which characters the keys of a terminal become.

#include "../../../src/console/console_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BASE 0x1000

const struct vmbase_uart_driver vmbase_uart_pl011;
const struct vmbase_uart_driver vmb_uart_sbsa;
const struct vmbase_uart_driver vmbase_uart_8250;
const struct vmbase_uart_driver vmb_uart_8250_spaced[3];
// The code under test declares it const.
static struct vmbase_console console;
extern const struct vmbase_console vmbase_console __attribute__((alias("console")));

// The bytes that the UART receives (-1: nothing yet), and the driver that was asked for them.
static const int *received;
static enum { NOBODY, PL011, UART_8250, SPACED } asked;

static int next(int who, uintptr_t base)
{
	assert_int_equal(base, BASE);
	asked = who;
	return *received++;
}

int vmb_uart_pl011_read(uintptr_t base)
{
	return next(PL011, base);
}

int vmb_uart_8250_read(uintptr_t base)
{
	return next(UART_8250, base);
}

int vmb_uart_8250_spaced_read(const struct vmbase_uart_driver *driver, uintptr_t base, unsigned int shift)
{
	assert_int_equal(shift, 2);
	assert_ptr_equal(driver, console.driver);
	return next(SPACED, base);
}

static void receive(const struct vmbase_uart_driver *driver, const int *bytes)
{
	console.driver = driver;
	console.base = BASE;
	received = bytes;
	asked = NOBODY;
}

static void each_driver_is_asked(void **state)
{
	(void)state;
	receive(&vmbase_uart_pl011, (const int[]){ 'a' });
	assert_int_equal(vmbase_console_read_byte(), 'a');
	assert_int_equal(asked, PL011);
	receive(&vmb_uart_sbsa, (const int[]){ 'b' });
	assert_int_equal(vmbase_console_read_byte(), 'b');
	assert_int_equal(asked, PL011);
	receive(&vmbase_uart_8250, (const int[]){ -1 });
	assert_int_equal(vmbase_console_read_byte(), -1);
	assert_int_equal(asked, UART_8250);
	vmb_console_register_shift = 2;
	for (int i = 0; i < 3; i++) {
		receive(&vmb_uart_8250_spaced[i], (const int[]){ 0xff });
		assert_int_equal(vmbase_console_read_byte(), 0xff);
		assert_int_equal(asked, SPACED);
	}
}

static void bytes_are_not_translated(void **state)
{
	(void)state;
	receive(&vmbase_uart_pl011, (const int[]){ '\r', 0x04, 0 });
	assert_int_equal(vmbase_console_read_byte(), '\r');
	assert_int_equal(vmbase_console_read_byte(), 0x04);
	assert_int_equal(vmbase_console_read_byte(), 0);
}

static void keys_of_a_terminal_become_characters(void **state)
{
	(void)state;
	receive(&vmbase_uart_pl011, (const int[]){ -1, -1, 'a', '\r', '\n', 0xff, -1 });
	assert_int_equal(vmb_console_wait_char(), 'a');
	assert_int_equal(vmb_console_take_char(), '\n');
	assert_int_equal(vmb_console_take_char(), '\n');
	assert_int_equal(vmb_console_take_char(), 0xff);
	assert_int_equal(vmb_console_take_char(), -1);
}

static void the_end_is_reported_once(void **state)
{
	(void)state;
	receive(&vmbase_uart_pl011, (const int[]){ 0x04, 'a', 0x04, 'b' });
	assert_int_equal(vmb_console_wait_char(), -1);
	assert_int_equal(vmb_console_wait_char(), 'a');
	// At the end in the middle of a line, a read returns the line first. The next read reports the end
	// without waiting.
	assert_int_equal(vmb_console_take_char(), -1);
	assert_int_equal(vmb_console_wait_char(), -1);
	assert_int_equal(vmb_console_wait_char(), 'b');
}

static void input_without_a_console_is_at_its_end(void **state)
{
	(void)state;
	receive(&vmbase_uart_pl011, (const int[]){ 'a' });
	console.base = VMB_NO_CONSOLE;
	assert_int_equal(vmbase_console_read_byte(), -1);
	assert_true(vmb_console_wait_char() < 0);
	assert_true(vmb_console_take_char() < 0);
	assert_int_equal(asked, NOBODY);
}

// A driver that the guest supplies has no read function.
static void input_without_a_receiver_is_at_its_end(void **state)
{
	static const struct vmbase_uart_driver driver;

	(void)state;
	receive(&driver, (const int[]){ VMB_NO_RECEIVER, VMB_NO_RECEIVER, VMB_NO_RECEIVER, 'a' });
	assert_int_equal(vmbase_console_read_byte(), -1);
	assert_true(vmb_console_wait_char() < 0);
	assert_true(vmb_console_take_char() < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_driver_is_asked),
		cmocka_unit_test(bytes_are_not_translated),
		cmocka_unit_test(keys_of_a_terminal_become_characters),
		cmocka_unit_test(the_end_is_reported_once),
		cmocka_unit_test(input_without_a_console_is_at_its_end),
		cmocka_unit_test(input_without_a_receiver_is_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
