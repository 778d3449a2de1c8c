// SPDX-License-Identifier: Apache-2.0

// The vector of an SError from EL0, without a handler of the guest.

#include "vector.h"

CRASH_IN_VECTOR(0x580);
