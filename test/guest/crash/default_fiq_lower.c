// SPDX-License-Identifier: Apache-2.0

#include "vector.h"

CRASH_IN_VECTOR(0x500);
