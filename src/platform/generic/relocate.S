// SPDX-License-Identifier: Apache-2.0

// Copies the constants of the image to their place, and relocates them.

#include "../../arch/asm.h"

#define RELOCATION_IS_BITMAP_SHIFT 0
#define BITMAP_WORDS 63

// void vmb_platform_map(uintptr_t tree, bool at_el2)
// In: x0 tree, x1 at_el2, which go on to vmb_generic_set_up(). Clobbers: x2-x11, flags. Stack: none.
//
// Copies the constants to their place and relocates the image. Compiled code cannot do this: even the stack protector
// finds its guard by a constant that contains an address. The linker packs the list of words that contain addresses
// (Generic ABI, SHT_RELR). An even entry is the link-time address of one word. An odd entry is a bitmap: its bits 1 to
// 63 say which of the next 63 words contain addresses.
func vmb_platform_map
	// In steps of 16 bytes: the last step may write up to 8 bytes beyond the end, in the same page, which has
	// no other user.
	adr_l	x2, vmb_rodata_load
	adr_l	x3, vmb_rodata_begin
	adr_l	x4, vmb_rodata_end
1:	ldp	x5, x6, [x2], #16
	stp	x5, x6, [x3], #16
	cmp	x3, x4
	b.lo	1b

	// The distance from link-time to run-time addresses.
	adr_l	x2, vmb_text_begin
	adr_l	x3, vmb_text_linked
	ldr	x3, [x3]
	sub	x3, x2, x3
	adr_l	x6, vmb_relocations_begin
	adr_l	x7, vmb_relocations_end
2:	cmp	x6, x7
	b.hs	6f
	ldr	x8, [x6], #8
	tbnz	x8, #RELOCATION_IS_BITMAP_SHIFT, 3f
	// x9 is the first word, x10 the end of the words, x8 has a bit for each.
	add	x9, x8, x3
	add	x10, x9, #8
	mov	x8, #1
	b	4f
3:	mov	x9, x10
	add	x10, x10, #BITMAP_WORDS * 8
	lsr	x8, x8, #1

4:	tbz	x8, #0, 5f
	ldr	x11, [x9]
	add	x11, x11, x3
	str	x11, [x9]
5:	add	x9, x9, #8
	lsr	x8, x8, #1
	cbnz	x8, 4b
	b	2b
6:	b	vmb_generic_set_up
endfunc vmb_platform_map
