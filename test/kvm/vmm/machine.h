// SPDX-License-Identifier: Apache-2.0

// Whose machine it is: where a VMM puts RAM, the image and the devices. Another VMM's layout is another row.

#ifndef MACHINE_H
#define MACHINE_H

#include "device.h"

#include <stddef.h>
#include <stdint.h>

struct machine {
	const char *name;
	uint64_t ram_base;
	uint64_t load_address; // the image goes here, and is entered here
	uint64_t dtb_address;
	uint64_t gic_distributor;
	uint64_t gic_redistributors_end; // GICv3
	uint64_t gic_cpu_interface;      // GICv2
	const struct device *devices;    // the first is the first UART
	size_t device_count;
};

extern const struct machine machine_crosvm;

#endif
