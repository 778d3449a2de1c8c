// SPDX-License-Identifier: Apache-2.0

#ifndef GIC_H
#define GIC_H

struct vm;

enum {
	GIC_REDISTRIBUTOR_SIZE = 0x20000, // GICv3: two 64 KiB frames for each CPU
};

// Makes the VM's in-kernel interrupt controller: GICv3, or GICv2 where the host has only that. After the CPUs.
void gic_create(struct vm *vm);

#endif
