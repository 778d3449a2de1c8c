// SPDX-License-Identifier: Apache-2.0

// The image's relocations: words that hold an address of the image, as it was linked. The linker packs where
// they are (Generic ABI, Relative Relocation Table, SHT_RELR): an even entry is the address of one, an odd
// entry says which of the next 63 words are others, by its bits 1 to 63.

#include "../../memory/layout.h"
#include "any.h"

#define WORDS_OF_BITMAP 63

extern const uint64_t vmb_relocations_begin[];
extern const uint64_t vmb_relocations_end[];

// Where the constants say that the image begins, one of them that is relocated like all others. After a reset
// that did not load the image again they are relocated already; variables are always copied anew.
extern const uintptr_t vmb_relocated_to;
__asm__(".pushsection .data.rel.ro.vmb_relocated_to, \"aw\", %progbits\n"
	".balign 8\n"
	".global vmb_relocated_to\n"
	"vmb_relocated_to: .quad vmb_text_begin\n"
	".popsection\n");

struct offsets {
	uintptr_t constants;
	uintptr_t variables;
};

static void relocate_word(uintptr_t address, const struct offsets *offsets)
{
	uint64_t *word = (uint64_t *)address; // NOLINT(performance-no-int-to-ptr)

	*word += address < (uintptr_t)vmb_data_begin ? offsets->constants : offsets->variables;
}

__attribute__((no_stack_protector)) void vmb_relocate(void)
{
	const struct offsets offsets = {
		.constants = (uintptr_t)vmb_text_begin - vmb_relocated_to,
		.variables = vmb_load_offset(),
	};
	uintptr_t next = 0;

	for (const uint64_t *entry = vmb_relocations_begin; entry < vmb_relocations_end; entry++) {
		if ((*entry & 1) == 0) {
			next = *entry + offsets.variables;
			relocate_word(next, &offsets);
			next += sizeof(uint64_t);
			continue;
		}
		uintptr_t address = next;

		for (uint64_t bits = *entry >> 1; bits != 0; bits >>= 1) {
			if ((bits & 1) != 0) {
				relocate_word(address, &offsets);
			}
			address += sizeof(uint64_t);
		}
		next += WORDS_OF_BITMAP * sizeof(uint64_t);
	}
}
