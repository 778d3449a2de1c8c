// SPDX-License-Identifier: Apache-2.0

// The map of the guest mem: devices, the regions of test/consumer/custom/image.ld, and two lone pages. An
// identity map with 39-bit addresses and a granule of 4 KiB (Arm DDI 0487, issue K.a, Translation process).

#include "mem.h"

#define BLOCK 0x1
#define TABLE 0x3
#define PAGE 0x3

// vmbase's MAIR_EL1 has Device-nGnRE at index 0 and Normal, Write-Back at index 1.
#define DEVICE (0 << 2)
#define NORMAL ((1 << 2) | (3 << 8)) // Inner Shareable

#define READ_ONLY (1 << 7)
#define ACCESSED (1 << 10)
#define NOT_EXECUTABLE ((1 << 53) | (1 << 54))
#define NOT_EXECUTABLE_AT_EL0 (1 << 54)

	.section .rodata.idmap, "a", %progbits

	.global idmap
	.balign 4096
idmap:
	.quad 0x00000000 + (BLOCK | DEVICE | ACCESSED | NOT_EXECUTABLE)
	.quad ram + TABLE
	.fill 510, 8, 0

	.balign 4096
ram:
	.quad 0x40000000 + (BLOCK | NORMAL | ACCESSED | READ_ONLY | NOT_EXECUTABLE_AT_EL0)
	.quad 0x40200000 + (BLOCK | NORMAL | ACCESSED | NOT_EXECUTABLE)
	.quad lone_pages + TABLE
	.fill 509, 8, 0

	.balign 4096
lone_pages:
	.quad 0
	.quad LONE_PAGE_1 + (PAGE | NORMAL | ACCESSED | NOT_EXECUTABLE)
	.quad 0
	.quad LONE_PAGE_2 + (PAGE | NORMAL | ACCESSED | NOT_EXECUTABLE)
	.fill 508, 8, 0
