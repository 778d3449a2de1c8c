// SPDX-License-Identifier: Apache-2.0

// The device tree, as the machine's VMM would make it.

#ifndef TREE_H
#define TREE_H

#include "vm.h"

#include <stddef.h>

// The largest that there may be (Linux, Documentation/arch/arm64/booting.rst).
#define TREE_SIZE_MAX 0x200000

// Makes the tree of the VM, whose RAM and GIC there are, in `buffer` and returns its size. Any failure ends the
// process with a report.
size_t tree_make(const struct vm *vm, void *buffer, size_t buffer_size);

#endif
