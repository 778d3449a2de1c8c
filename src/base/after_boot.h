// SPDX-License-Identifier: Apache-2.0

// Makes a function read a variable that the boot has written before the guest's constructors run.

#ifndef VMB_AFTER_BOOT_H
#define VMB_AFTER_BOOT_H

// Use it before each read. A compiler that sees the whole image (LTO) believes that constructors run first of
// all. It evaluates a constructor at compile time, with the initial values of the variables, unless the
// constructor contains assembly. Empty assembly is enough.
#define VMB_AFTER_BOOT() __asm__ volatile("")

#endif
