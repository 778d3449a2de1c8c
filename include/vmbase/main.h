// SPDX-License-Identifier: Apache-2.0

// The guest's entry point.
//
// vmbase owns the reset vector. It checks where it runs, turns on the MMU and the caches, prepares
// .data, .bss, the stacks and the console, runs constructors, and then calls the function named with
// VMBASE_MAIN, once, on the boot CPU, at EL1, on SP_EL0, with interrupts masked.

#ifndef VMBASE_MAIN_H
#define VMBASE_MAIN_H

#include <stdint.h>

// The type of a main function. The arguments are the values that x0 to x3 had at reset; most VMMs pass
// the physical address of the flattened device tree in x0 and zero in the others. They come from the
// host: check them before use. The device tree's address is not necessarily mapped. (Platform `any`: where the
// boot has moved the tree out of the image's way, the first argument is its new address; vmbase_layout_dtb()
// says where it is in any case.)
//
// When the function returns, the VM is shut down as by vmbase_shutdown().
typedef void vmbase_main_fn(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// Names the guest's main function. Exactly one source file of the guest says, outside any function:
//
//     static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3) { … }
//     VMBASE_MAIN(guest);
//
// A function of another type does not compile. A guest without VMBASE_MAIN does not link. The function's
// name is anything but `main`, which C keeps for int main(void) (C17, 5.1.2.2.1).
#define VMBASE_MAIN(fn)                                                                                        \
	_Static_assert(_Generic(&(fn), vmbase_main_fn * : 1, default : 0),                                     \
		       "VMBASE_MAIN: a main function is void (uint64_t, uint64_t, uint64_t, uint64_t)");       \
	extern vmbase_main_fn *const vmbase_main;                                                              \
	vmbase_main_fn *const vmbase_main = (fn)

#endif
