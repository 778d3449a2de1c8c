// SPDX-License-Identifier: Apache-2.0

// The MMIO guard of pKVM and GenieZone, emulated: once a guest has enrolled, the host sees no access to a
// granule that the guest did not map by call.

#ifndef GUARD_H
#define GUARD_H

#include "hypercall.h"
#include "options.h"
#include "ram.h"

#include <stdbool.h>
#include <stdint.h>

void guard_init(const struct options *options, const struct ram *ram);

// Answers the guard's four calls. False: it is not one of them, or there is no guard.
bool guard_answer(struct hypercall *call);

// True if an access to the address is to be refused.
bool guard_refuses(uint64_t address);

// Counts a refusal and returns how many there were.
uint64_t guard_count_refusal(void);
uint64_t guard_refusals(void);

#endif
