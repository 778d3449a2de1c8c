// SPDX-License-Identifier: Apache-2.0

#ifndef RUN_H
#define RUN_H

#include "vm.h"

// Runs the VM, CPU 0 in this thread and each other one in its own, until it ends; the process ends with it.
__attribute__((noreturn)) void run(struct vm *vm);

#endif
