// SPDX-License-Identifier: Apache-2.0

// The names of the image's functions, for the backtrace: the build option -Dsymbol_names=true. Pure logic: it
// builds on the host.
//
// The table is made by src/tools/vmbase-ld of a first link, and put into a second one. For each function, by
// address, it has
//   how many instructions it begins behind the one before, the first behind the start of the image: ULEB128,
//   how many characters its name has in common with that one's beginning: a byte,
//   the other characters, at least one, of which the last has bit 7 set.

#ifndef VMB_SYMBOL_NAMES_H
#define VMB_SYMBOL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Longer names are cut off by vmbase-ld.
#define SYMBOL_NAME_BYTES 64

struct vmb_symbol {
	char name[SYMBOL_NAME_BYTES]; // with a NUL behind it
	uint64_t begin;               // offset of its first instruction in the image
};

// Finds the function that begins at `offset`, in bytes, or is the nearest in front of it. Returns false where
// the table has none, or is broken, and then *symbol means nothing. It reads nothing outside of the table.
bool vmb_symbol_find(const uint8_t *table, const uint8_t *table_end, uint64_t offset,
		     struct vmb_symbol *symbol);

#endif
