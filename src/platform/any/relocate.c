// SPDX-License-Identifier: Apache-2.0

// The image's relocations: words that hold an address of the image, as it was linked. The linker packs where they are
// (Generic ABI, Relative Relocation Table, SHT_RELR): an even entry is the address of one, an odd entry says which of the
// next 63 words are others, by its bits 1 to 63.

#include "../../memory/layout.h"
#include "any.h"

#define WORDS_OF_BITMAP 63

extern const uint64_t vmb_relocations_begin[];
extern const uint64_t vmb_relocations_end[];

// Where the constants say that the image begins, one of them that is relocated like all others. After a reset that did
// not load the image again they are relocated already; variables are always copied anew.
extern const uintptr_t vmb_relocated_to;
__asm__(".pushsection .data.rel.ro.vmb_relocated_to, \"aw\", %progbits\n"
	".balign 8\n"
	".global vmb_relocated_to\n"
	"vmb_relocated_to: .quad vmb_text_begin\n"
	".popsection\n");

static void relocate_word(uint64_t *word, uintptr_t offset, uintptr_t offset_of_constants)
{
	*word += (uintptr_t)word < (uintptr_t)vmb_data_begin ? offset_of_constants : offset;
}

void vmb_relocate(void)
{
	const uintptr_t offset = vmb_load_offset();
	const uintptr_t offset_of_constants = (uintptr_t)vmb_text_begin - vmb_relocated_to;
	uint64_t *word = NULL;

	for (const uint64_t *entry = vmb_relocations_begin; entry < vmb_relocations_end; entry++) {
		if ((*entry & 1) == 0) {
			word = (uint64_t *)(*entry + offset); // NOLINT(performance-no-int-to-ptr)
			relocate_word(word++, offset, offset_of_constants);
			continue;
		}
		for (int i = 0; i < WORDS_OF_BITMAP; i++) {
			if ((*entry >> (i + 1) & 1) != 0) {
				relocate_word(word + i, offset, offset_of_constants);
			}
		}
		word += WORDS_OF_BITMAP;
	}
}
