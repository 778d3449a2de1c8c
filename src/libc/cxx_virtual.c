// SPDX-License-Identifier: Apache-2.0

// Panics when C++ code calls a pure or deleted virtual function (Itanium C++ ABI, 3.2.6, Pure Virtual Function
// API).

#include <vmbase/panic.h>

__attribute__((noreturn)) void vmb_cxx_pure_virtual(void) __asm__("__cxa_pure_virtual");
__attribute__((noreturn)) void vmb_cxx_deleted_virtual(void) __asm__("__cxa_deleted_virtual");

void vmb_cxx_pure_virtual(void)
{
	vmbase_panic("C++: a pure virtual function was called");
}

void vmb_cxx_deleted_virtual(void)
{
	vmbase_panic("C++: a deleted virtual function was called");
}
