// SPDX-License-Identifier: Apache-2.0

// Prints the function that an address belongs to.

#include "symbol_print.h"

#include <vmbase/console.h>

#include "../image/symbols.h"
#include "symbol_names.h"

#include <inttypes.h>

void vmb_print_symbol(uintptr_t address, uintptr_t instruction)
{
	uintptr_t text_begin = (uintptr_t)vmb_text_begin;
	struct vmb_symbol symbol;

	if (instruction >= text_begin && instruction < (uintptr_t)vmb_text_end &&
	    vmb_symbol_find(vmb_symbol_names_begin, vmb_symbol_names_end, instruction - text_begin, &symbol)) {
		vmbase_eprint(" %s+0x%" PRIx64, symbol.name, address - text_begin - symbol.begin);
	}
}
