// SPDX-License-Identifier: Apache-2.0

// A second file with entries of the linker sets.

#include "linker_sets.h"

// A reference to this variable makes the linker use this file.
int linker_sets_more;

DEFINE_SETS(2);
