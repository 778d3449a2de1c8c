// SPDX-License-Identifier: Apache-2.0

// Whose machine it is: where a VMM puts RAM, the image, the device tree and the devices, and how it describes
// them. Another VMM's layout is another row.

#ifndef MACHINE_H
#define MACHINE_H

#include "device.h"

#include <stddef.h>
#include <stdint.h>

// Where the device tree goes.
enum tree_place {
	TREE_AT_RAM_BASE,
	TREE_IN_LAST_2_MIB,    // of RAM
	TREE_BELOW_256_MIB,    // likewise, but of no more RAM than that
	TREE_BEHIND_THE_IMAGE, // at a multiple of 2 MiB
};

enum uart_kind {
	UART_8250,
	UART_PL011,
};

// What the VMM says of the machine.
struct description {
	const char *root_node; // its name, where it has one
	const char *memory_node;
	uint64_t memory_offset; // RAM before is not in the tree
	const char *bus;        // the UART's node is in this one, or in the root
	const char *uart_node;
	const char *stdout_path; // or NULL
	const char *alias;       // what serial0 stands for, or NULL
	const char *bootargs;
	bool has_rng_seed;
};

struct machine {
	const char *name;
	uint64_t ram_base;
	uint64_t load_offset;  // the image goes there in RAM, and is entered at its beginning
	bool reads_header;     // it has to be an Image, whose text_offset is added
	enum tree_place place; // of the tree
	uint64_t gic_distributor;
	uint64_t gic_redistributors_end; // GICv3
	uint64_t gic_cpu_interface;      // GICv2; 0: there is none
	enum uart_kind uart;             // of the first device
	const struct device *devices;
	size_t device_count;
	struct description description;
};

// Returns the machine with this name, or NULL.
const struct machine *machine_find(const char *name);

// Calls visit() with each machine's name.
void machine_list(void (*visit)(const char *name));

#endif
