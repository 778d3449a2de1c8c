// SPDX-License-Identifier: Apache-2.0

#ifndef GIC_H
#define GIC_H

struct vm;

// Makes the VM's in-kernel interrupt controller: GICv3, or GICv2 where the host has only that. After the CPUs.
void gic_create(const struct vm *vm);

#endif
