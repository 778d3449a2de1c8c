// SPDX-License-Identifier: Apache-2.0

#ifndef BUS_H
#define BUS_H

#include "vm.h"

#include <stdint.h>

// Handles a CPU's MMIO exit: the guard has the first word, then a device, and an access that neither wants is
// reported as a stray. Too many of those end the VM.
void bus_handle_mmio(struct vcpu *cpu);

// How many there have been, and a report of it.
uint64_t bus_exits(void);
void bus_report(void);

#endif
