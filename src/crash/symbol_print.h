// SPDX-License-Identifier: Apache-2.0

#ifndef VMB_SYMBOL_PRINT_H
#define VMB_SYMBOL_PRINT_H

#include <stdint.h>

// Prints, behind an address in a crash report, a space, the function and how far into it the address is, if
// there are names in the image. `instruction` is an address inside the instruction that is meant: a return
// address may be that of the next function.
#ifdef VMB_SYMBOL_NAMES
void vmb_print_symbol(uintptr_t address, uintptr_t instruction);
#else
static inline void vmb_print_symbol(uintptr_t address, uintptr_t instruction)
{
	(void)address, (void)instruction;
}
#endif

#endif
