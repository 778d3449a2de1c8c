// SPDX-License-Identifier: Apache-2.0

// What the host can do with the guest's memory, by the test device of the VMM.

#ifndef HOST_H
#define HOST_H

#include "../test_device.h"

#include <vmbase/layout.h>
#include <vmbase/mmio.h>

#include <stdbool.h>
#include <stdint.h>

static inline uintptr_t host_register_address(enum test_device_register reg)
{
	return vmbase_layout_console().begin + TEST_DEVICE_BASE + reg;
}

static inline uint64_t host_register(enum test_device_register reg)
{
	return vmbase_mmio_read64(host_register_address(reg));
}

static inline enum test_device_status host_look(uintptr_t address)
{
	vmbase_mmio_write64(host_register_address(TEST_DEVICE_ADDRESS), address);
	return (enum test_device_status)host_register(TEST_DEVICE_STATUS);
}

static inline bool host_reads(uintptr_t address, uint64_t expected)
{
	return host_look(address) == TEST_DEVICE_DONE && host_register(TEST_DEVICE_VALUE) == expected;
}

static inline bool host_cannot_read(uintptr_t address)
{
	return host_look(address) == TEST_DEVICE_UNREADABLE;
}

static inline bool host_writes(uintptr_t address, uint64_t value)
{
	(void)host_look(address);
	vmbase_mmio_write64(host_register_address(TEST_DEVICE_STORE), value);
	return host_register(TEST_DEVICE_STATUS) == TEST_DEVICE_DONE;
}

static inline void host_make_serror_pending(void)
{
	vmbase_mmio_write64(TEST_DEVICE_BASE + TEST_DEVICE_SERROR, 0);
}

#endif
