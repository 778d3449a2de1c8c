// SPDX-License-Identifier: Apache-2.0

// The test device of test/kvm's VMM: what a guest asks its host about, and has it do. The VMM and the test
// guests share this file.
//
// It is in the page of crosvm's UARTs, from TEST_DEVICE_BASE on, so that one mapping gives a guest both. Its
// registers are 64 bits wide, and an access of another size is a stray one, but for SCRATCH. Other VMMs have no
// such device: a guest that may run under one looks at TEST_DEVICE_ID first.

#ifndef TEST_DEVICE_H
#define TEST_DEVICE_H

#define TEST_DEVICE_BASE 0x800
#define TEST_DEVICE_SIZE 0x100

#define TEST_DEVICE_ID_VALUE 0x7665446573614256 // "VBaseDev" in memory

enum test_device_register {
	// Write: the host reads the eight bytes at this guest address, reports it, and sets STATUS and VALUE.
	// Read: the last address.
	TEST_DEVICE_ADDRESS = 0x00,

	// Read: how the last access to guest memory went, as enum test_device_status.
	TEST_DEVICE_STATUS = 0x08,

	// Read: what the host last read or stored; 0 where it could not read.
	TEST_DEVICE_VALUE = 0x10,

	// Write: the host stores this value at ADDRESS, reports it, and sets STATUS.
	TEST_DEVICE_STORE = 0x18,

	// Read: accesses so far that no device answered.
	TEST_DEVICE_STRAYS = 0x20,

	// Read: hypercalls so far that the VMM answered. It sees those alone that it filters.
	TEST_DEVICE_HYPERCALLS = 0x28,

	// Read: MMIO exits so far, this read included.
	TEST_DEVICE_EXITS = 0x30,

	// Read: accesses so far that the emulated MMIO guard refused.
	TEST_DEVICE_REFUSALS = 0x38,

	// Read: TEST_DEVICE_ID_VALUE.
	TEST_DEVICE_ID = 0x40,

	// Write: CPU 0 has a pending SError from now on.
	TEST_DEVICE_SERROR = 0x50,

	// Write: remembered, with zeros above it. Read: the low bytes of what was written last. The access may
	// be
	// of any size.
	TEST_DEVICE_SCRATCH = 0x48,
};

enum test_device_status {
	TEST_DEVICE_DONE = 0,
	TEST_DEVICE_UNREADABLE = 1,  // the host may not: the guest did not share the granule
	TEST_DEVICE_OUTSIDE_RAM = 2, // or not a multiple of eight
};

#endif
