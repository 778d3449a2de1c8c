// SPDX-License-Identifier: Apache-2.0

// Prints the function that an address belongs to, if the image contains names (option symbol_names).

#ifndef VMB_SYMBOL_PRINT_H
#define VMB_SYMBOL_PRINT_H

#include <stdint.h>

// Prints a space, the function's name and the offset of `address` in the function. `instruction` is an address
// inside the function: a return address may already belong to the next function.
#ifdef VMB_SYMBOL_NAMES
void vmb_print_symbol(uintptr_t address, uintptr_t instruction);
#else
static inline void vmb_print_symbol(uintptr_t address, uintptr_t instruction)
{
	(void)address, (void)instruction;
}
#endif

#endif
