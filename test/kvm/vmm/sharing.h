// SPDX-License-Identifier: Apache-2.0

// Memory sharing of pKVM and GenieZone, emulated: the guest's RAM is its own but for the granules that it
// shares by call.

#ifndef SHARING_H
#define SHARING_H

#include "hypercall.h"
#include "options.h"
#include "ram.h"

#include <stdbool.h>
#include <stdint.h>

void sharing_init(const struct options *options, const struct ram *ram);

// Answers HYP_MEMINFO, MEM_SHARE and MEM_UNSHARE. False: it is not one of them, or there is no sharing.
bool sharing_answer(struct hypercall *call);

// True if the host is not to touch this address in RAM.
bool sharing_is_private(uint64_t address);

#endif
