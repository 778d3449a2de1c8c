// SPDX-License-Identifier: Apache-2.0

// The guest's entry point.
//
// vmbase owns the reset vector. It checks where it runs, turns on the MMU and the caches, prepares .data, .bss,
// the stacks and the console, and runs the constructors. Then it calls the function that VMBASE_MAIN names:
// once, on the boot CPU, at EL1, on SP_EL0, with IRQs and FIQs masked.

#ifndef VMBASE_MAIN_H
#define VMBASE_MAIN_H

#include <stdint.h>

// The type of a main function. The arguments are the values that x0 to x3 had at reset. Most VMMs pass the
// physical address of the flattened device tree in x0, and zero in the others. The values come from the host:
// check them before use. The device tree is not necessarily mapped. (Platform `generic`: if the boot has moved
// the tree, because the image needs the memory, the first argument is the new address. vmbase_layout_dtb()
// returns the place of the tree in each case.)
//
// When the function returns, the program ends as by exit(0): the functions that atexit() was given and the
// destructors run, and the VM is powered off as by vmbase_shutdown().
typedef void vmbase_main_fn(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// The type of a main function that does not need the arguments.
typedef void vmbase_main_without_arguments_fn(void);

// Names the guest's main function. Exactly one source file of the guest has one of these, outside of any
// function:
//
//     static void guest(void) { … }
//     VMBASE_MAIN(guest);
//
//     static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3) { … }
//     VMBASE_MAIN(guest);
//
// A function of another type does not compile. A guest without VMBASE_MAIN does not link. The function may have
// any name except `main`, which C reserves for int main(void) (C17, 5.1.2.2.1).
#define VMBASE_MAIN(fn)                                                                                        \
	VMB_STATIC_ASSERT(VMB_IS_MAIN(fn), "VMBASE_MAIN: a main function is void (void) or "                   \
					   "void (uint64_t, uint64_t, uint64_t, uint64_t)");                   \
	VMB_EXTERN_C __typeof__(fn) *const vmbase_main;                                                        \
	__typeof__(fn) *const vmbase_main = (fn)

// Check the type for VMBASE_MAIN, in C and in C++.
#ifdef __cplusplus
#define VMB_STATIC_ASSERT static_assert
#define VMB_EXTERN_C extern "C"
#define VMB_IS_MAIN(fn) (sizeof(vmb_is_main(fn)) > 1)
char (&vmb_is_main(vmbase_main_fn *fn))[2];
char (&vmb_is_main(vmbase_main_without_arguments_fn *fn))[2];
char vmb_is_main(...);
#else
#define VMB_STATIC_ASSERT _Static_assert
#define VMB_EXTERN_C extern
// Nested, because C17's void f() is compatible with both types.
#define VMB_IS_MAIN(fn)                                                                                        \
	_Generic(&(fn), vmbase_main_fn * : 1, default                                                          \
		 : _Generic(&(fn), vmbase_main_without_arguments_fn * : 1, default : 0))
#endif

#endif
