// SPDX-License-Identifier: Apache-2.0

// The vector of an SError at EL1, without a handler of the guest.

#include "vector.h"

CRASH_IN_VECTOR(0x180);
