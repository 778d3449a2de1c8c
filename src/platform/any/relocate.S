// SPDX-License-Identifier: Apache-2.0

#include "../../arch/asm.h"

#define RELOCATION_IS_BITMAP_SHIFT 0
#define BITMAP_WORDS 63

// void vmb_platform_map(uintptr_t tree, bool at_el2)
// In: x0 tree, x1 at_el2, which go on to vmb_any_set_up(). Clobbers: x2-x12, flags. Stack: none.
//
// Relocates the image first, which no compiled code could do: even the stack protector's guard is found by a constant
// that holds an address. The linker packs where such words are (Generic ABI, SHT_RELR): an even entry is the address of
// one, as it was linked; an odd entry says which of the next 63 words are others, by its bits 1 to 63.
func vmb_platform_map
	// Variables have just been copied out of the image. Constants may have been relocated before a reset that did not
	// load the image again: one of them says where to.
	adr_l	x2, vmb_text_begin
	ldr	x3, linked_address
	sub	x3, x2, x3
	adr_l	x4, relocated_to
	ldr	x4, [x4]
	sub	x4, x2, x4
	adr_l	x5, vmb_data_begin
	adr_l	x6, vmb_relocations_begin
	adr_l	x7, vmb_relocations_end

1:	cmp	x6, x7
	b.hs	5f
	ldr	x8, [x6], #8
	tbnz	x8, #RELOCATION_IS_BITMAP_SHIFT, 2f
	// x9 is the first word, x10 the one behind the last, x8 has a bit for each.
	add	x9, x8, x3
	add	x10, x9, #8
	mov	x8, #1
	b	3f
2:	mov	x9, x10
	add	x10, x10, #BITMAP_WORDS * 8
	lsr	x8, x8, #1

3:	tbz	x8, #0, 4f
	ldr	x11, [x9]
	cmp	x9, x5
	csel	x12, x4, x3, lo
	add	x11, x11, x12
	str	x11, [x9]
4:	add	x9, x9, #8
	lsr	x8, x8, #1
	cbnz	x8, 3b
	b	1b
5:	b	vmb_any_set_up

	.balign 8
	// An absolute symbol: nothing relocates it.
linked_address:
	.quad	vmb_linked_address
endfunc vmb_platform_map

	.section .data.rel.ro.vmb_relocated_to, "aw", %progbits
	.balign 8
relocated_to:
	.quad	vmb_text_begin
