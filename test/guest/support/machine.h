// SPDX-License-Identifier: Apache-2.0

// The machine that a test guest runs on, known before main: a constant on the platform `qemu`, read from the
// device tree on `generic`. The same guests can run on every VMM.

#ifndef MACHINE_H
#define MACHINE_H

#include <vmbase/layout.h>

#include <stdbool.h>
#include <stdint.h>

// The minimum size of free RAM.
#define MACHINE_FREE_BYTES UINT64_C(0x5000000)

struct machine {
	bool is_qemu; // tests must not skip a missing device

	// The expected beginning of the image (0: unknown VMM) and the expected result of
	// vmbase_layout_ram().
	uintptr_t image_begin;
	struct vmbase_range layout_ram;

	// RAM for vmbase_tracker_start(). It ends at the end of free_ram.
	struct vmbase_range ram;
	// RAM without the image and the device tree. It begins at a multiple of 32 MiB, after a free page.
	struct vmbase_range free_ram;
	// An address in RAM that the boot map does not have, if possible between the image and its data.
	uintptr_t unmapped;

	// The page of a device's registers, and a 32-bit register with a known value.
	uintptr_t device;
	uintptr_t device_register;
	uint32_t device_mask;
	uint32_t device_value;

	// A GICv2. 0: no GICv2.
	uintptr_t gic_distributor;
	uintptr_t gic_cpu_interface;
};
extern struct machine machine;

// Puts the console's UART into an unusable state, without output.
void machine_disturb_uart(void);

#endif
