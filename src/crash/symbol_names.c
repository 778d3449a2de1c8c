// SPDX-License-Identifier: Apache-2.0

// Searches the table of function names.

#include "symbol_names.h"

#define INSTRUCTION_BYTES 4

#define ULEB128_MORE 0x80
#define ULEB128_BITS 7

#define LAST_CHARACTER 0x80

bool vmb_symbol_find(const uint8_t *table, const uint8_t *table_end, uint64_t offset, struct vmb_symbol *symbol)
{
	uint64_t begin = 0;
	size_t previous_length = 0;
	bool found = false;

	while (table < table_end) {
		uint64_t instructions = 0;
		unsigned int shift = 0;
		uint8_t byte;

		do {
			byte = *table++;
			instructions += (uint64_t)(byte & ~ULEB128_MORE) << shift % 64;
			shift += ULEB128_BITS;
		} while ((byte & ULEB128_MORE) != 0 && table < table_end);
		begin += instructions * INSTRUCTION_BYTES;
		if (begin > offset) {
			break;
		}

		size_t length = table < table_end ? *table++ : SYMBOL_NAME_BYTES;

		if (length > previous_length) {
			return false;
		}
		do {
			if (table == table_end || length == SYMBOL_NAME_BYTES - 1) {
				return false;
			}
			byte = *table++;
			symbol->name[length++] = (char)(byte & ~LAST_CHARACTER);
		} while ((byte & LAST_CHARACTER) == 0);
		symbol->name[length] = '\0';
		symbol->begin = begin;
		previous_length = length;
		found = true;
	}
	return found;
}
