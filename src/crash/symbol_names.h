// SPDX-License-Identifier: Apache-2.0

// The names of the image's functions, for the backtrace (option symbol_names). Pure logic: it builds on the
// host.
//
// src/tools/vmbase-ld makes the table from a first link, and puts it into a second link. The table has an entry
// for each function, in the order of addresses:
//   distance  ULEB128: the number of instructions since the previous function's beginning
//   common    a byte: the number of characters that the name shares with the beginning of the previous name
//   rest      the other characters, at least one; the last one has bit 7 set
// The first distance counts from the image's beginning.

#ifndef VMB_SYMBOL_NAMES_H
#define VMB_SYMBOL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// vmbase-ld cuts off longer names.
#define SYMBOL_NAME_BYTES 64

struct vmb_symbol {
	char name[SYMBOL_NAME_BYTES]; // with its NUL
	uint64_t begin;               // offset of its first instruction in the image
};

// Finds the last function that begins at or before `offset`, in bytes. Returns false if the table has no such
// function or is damaged; *symbol is then undefined. Reads nothing outside the table.
bool vmb_symbol_find(const uint8_t *table, const uint8_t *table_end, uint64_t offset,
		     struct vmb_symbol *symbol);

#endif
