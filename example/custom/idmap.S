// SPDX-License-Identifier: Apache-2.0

// The page tables that vmbase turns the MMU on with, and keeps. Virtual addresses have 39 bits and the granule
// is 4 KiB, so the first table is at level 1 and has an entry for each GiB (Arm DDI 0487, issue K.a,
// Translation process). Every address maps to itself.

#define BLOCK 0x1
#define TABLE 0x3

// vmbase's MAIR_EL1 has Device-nGnRE at index 0 and Normal, Write-Back at index 1.
#define DEVICE (0 << 2)
#define NORMAL ((1 << 2) | (3 << 8)) // Inner Shareable

#define READ_ONLY (1 << 7)
#define ACCESSED (1 << 10) // otherwise the first access faults
#define NOT_EXECUTABLE ((1 << 53) | (1 << 54))
#define NOT_EXECUTABLE_AT_EL0 (1 << 54)

	.section .rodata.idmap, "a", %progbits

	.global idmap
	.balign 4096
idmap:
	.quad 0x00000000 + (BLOCK | DEVICE | ACCESSED | NOT_EXECUTABLE)
	.quad ram + TABLE
	.fill 510, 8, 0

	// A block for the image and a block for writable data. vmbase sets SCTLR_EL1.WXN: writable memory is
	// never executable.
	.balign 4096
ram:
	.quad 0x40000000 + (BLOCK | NORMAL | ACCESSED | READ_ONLY | NOT_EXECUTABLE_AT_EL0)
	.quad 0x40200000 + (BLOCK | NORMAL | ACCESSED | NOT_EXECUTABLE)
	.fill 510, 8, 0
