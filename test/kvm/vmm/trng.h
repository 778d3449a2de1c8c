// SPDX-License-Identifier: Apache-2.0

#ifndef TRNG_H
#define TRNG_H

#include "hypercall.h"
#include "options.h"

#include <stdbool.h>

void trng_init(const struct options *options);

// Answers the calls of Arm DEN0098, True Random Number Generator Firmware Interface. False: it is not one of
// them, or there is no TRNG.
bool trng_answer(struct hypercall *call);

#endif
