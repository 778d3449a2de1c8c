// SPDX-License-Identifier: Apache-2.0

// A value that stands for the absence of an address.

#ifndef VMB_ADDRESS_H
#define VMB_ADDRESS_H

#include <stdint.h>

#define VMB_NO_ADDRESS UINTPTR_MAX

#endif
