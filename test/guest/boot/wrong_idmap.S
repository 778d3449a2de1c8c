// SPDX-License-Identifier: Apache-2.0

// Maps for example/custom. CODE is the descriptor of the block with the image or, with PAGES_ATTRIBUTES, of
// the pages in it; the table of these pages has PAGES_ATTRIBUTES. The table of all RAM has TABLE_ATTRIBUTES.

#define BLOCK 0x1
#define TABLE 0x3
#define PAGE 0x3
#define NORMAL ((1 << 2) | (3 << 8))
#define READ_ONLY (1 << 7)
#define ACCESSED (1 << 10)
#define NOT_EXECUTABLE ((1 << 53) | (1 << 54))
#define NO_CODE_BELOW (1 << 59)
#define READ_ONLY_BELOW (1 << 62)

	.section .rodata.idmap, "a", %progbits

	.global idmap
	.balign 4096
idmap:
	.quad 0x00000000 + (BLOCK | ACCESSED | NOT_EXECUTABLE)
	.quad ram + (TABLE | TABLE_ATTRIBUTES)
	.fill 510, 8, 0

	.balign 4096
ram:
#ifdef PAGES_ATTRIBUTES
	.quad pages + (TABLE | PAGES_ATTRIBUTES)
#else
	.quad 0x40000000 + (CODE)
#endif
	.quad 0x40200000 + (BLOCK | NORMAL | ACCESSED | NOT_EXECUTABLE)
	.fill 510, 8, 0

#ifdef PAGES_ATTRIBUTES
	.balign 4096
pages:
	.set page, 0x40000000
	.rept 512
	.quad page + (CODE)
	.set page, page + 4096
	.endr
#endif
