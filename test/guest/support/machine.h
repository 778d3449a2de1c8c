// SPDX-License-Identifier: Apache-2.0

// The machine that a guest of the tests runs on. It is known before main: on platform `qemu` it is a constant,
// on `generic` it comes from the device tree, so that the same guests run on every VMM.

#ifndef MACHINE_H
#define MACHINE_H

#include <vmbase/layout.h>

#include <stdbool.h>
#include <stdint.h>

// How much free RAM there is at least.
#define MACHINE_FREE_BYTES UINT64_C(0x5000000)

struct machine {
	bool is_qemu; // every device that a test looks for has to be there

	// Where the image begins, and what vmbase_layout_ram() has to be. On an unknown VMM image_begin is 0.
	uintptr_t image_begin;
	struct vmbase_range layout_ram;

	// RAM for vmbase_tracker_start(): it ends where free_ram ends.
	struct vmbase_range ram;
	// RAM that neither the image nor the device tree is in. It begins at a multiple of 32 MiB, behind a
	// free page.
	struct vmbase_range free_ram;
	// An address in RAM that the boot does not map, if possible between the image and its data.
	uintptr_t unmapped;

	// The page of a device's registers, and a register of 32 bits whose value is known.
	uintptr_t device;
	uintptr_t device_register;
	uint32_t device_mask;
	uint32_t device_value;

	// A GICv2, or 0.
	uintptr_t gic_distributor;
	uintptr_t gic_cpu_interface;
};
extern struct machine machine;

// Leaves the console's UART as no program should, without a byte of output.
void machine_disturb_uart(void);

#endif
