// SPDX-License-Identifier: Apache-2.0

// Each accessor of <vmbase/mmio.h>, and crosvm's devices: the host has to be told of every access what it was.
// One whose instruction has no valid syndrome would end the guest, or come back as an abort.

#include "../../guest/support/tap.h"
#include "host.h"

#include <vmbase/main.h>

#define UART_SCR UINT64_C(0x3ff)
#define SERIAL_2 UINT64_C(0x2f8)
#define SERIAL_3 UINT64_C(0x3e8)
#define SERIAL_4 UINT64_C(0x2e8)
#define LSR 5
#define LSR_THRE 0x20
#define RTC_DR UINT64_C(0x2000)
#define RTC_MATCH UINT64_C(0x2004)
#define RTC_PERIPHID0 UINT64_C(0x2fe0)
#define WATCHDOG_LOAD_COUNT UINT64_C(0x3004)
#define GICD_TYPER UINT64_C(0x3fff0004)
#define SCRATCH (TEST_DEVICE_BASE + TEST_DEVICE_SCRATCH)
#define PATTERN UINT64_C(0xfedcba9876543210)

static void say_on(uint64_t serial, const char *text)
{
	for (; *text != '\0'; text++) {
		vmbase_mmio_write8(serial, (uint8_t)*text);
	}
}

static void check_accessors(void)
{
	vmbase_mmio_write64(SCRATCH, PATTERN);
	tap_ok(vmbase_mmio_read64(SCRATCH) == PATTERN, "64 bits arrive and come back");
	vmbase_mmio_write32(SCRATCH, (uint32_t)PATTERN);
	tap_ok(vmbase_mmio_read64(SCRATCH) == (uint32_t)PATTERN &&
		       vmbase_mmio_read32(SCRATCH) == (uint32_t)PATTERN,
	       "32 bits do");
	vmbase_mmio_write16(SCRATCH, (uint16_t)PATTERN);
	tap_ok(vmbase_mmio_read64(SCRATCH) == (uint16_t)PATTERN &&
		       vmbase_mmio_read16(SCRATCH) == (uint16_t)PATTERN,
	       "16 bits do");
	vmbase_mmio_write8(SCRATCH, (uint8_t)PATTERN);
	tap_ok(vmbase_mmio_read64(SCRATCH) == (uint8_t)PATTERN &&
		       vmbase_mmio_read8(SCRATCH) == (uint8_t)PATTERN,
	       "8 bits do");
}

static void check_devices(void)
{
	uint64_t exits = host_register(TEST_DEVICE_EXITS);
	uint32_t seconds = vmbase_mmio_read32(RTC_DR);

	tap_ok(host_register(TEST_DEVICE_EXITS) - exits == 2, "an access is one exit");
	tap_ok(seconds > 1600000000, "the RTC knows that it is later than 2020");
	vmbase_mmio_write32(RTC_MATCH, 7);
	tap_ok(vmbase_mmio_read32(RTC_MATCH) == 7, "its registers can be written");
	vmbase_mmio_write32(WATCHDOG_LOAD_COUNT, 1000);
	tap_ok(vmbase_mmio_read32(WATCHDOG_LOAD_COUNT) == 1000, "so can the watchdog's");
	vmbase_mmio_write8(UART_SCR, 0x5a);
	tap_ok(vmbase_mmio_read8(UART_SCR) == 0x5a, "the UART has a scratch register");
	tap_ok((vmbase_mmio_read8(SERIAL_2 + LSR) & LSR_THRE) != 0, "the second one is ready");
	say_on(SERIAL_2, "the second\n");
	say_on(SERIAL_3, "the third\n");
	say_on(SERIAL_4, "the fourth\n");
	tap_ok((vmbase_mmio_read32(GICD_TYPER) & 0x1f) > 0, "the GIC has interrupts");
	tap_ok(host_register(TEST_DEVICE_STRAYS) == 0, "no access was a stray one");
}

static void devices(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	check_accessors();
	check_devices();
	tap_done();
}

VMBASE_MAIN(devices);
