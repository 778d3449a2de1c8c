// SPDX-License-Identifier: Apache-2.0

// The map that the MMU is turned on with, and that stays: 39-bit addresses, 4 KiB granule, so that it begins
// at level 1 with an entry for each GiB (Arm DDI 0487, issue K.a, Translation process). All of it maps memory to itself.

#define BLOCK 0x1
#define TABLE 0x3

// vmbase's MAIR_EL1 has Device-nGnRE at index 0 and Normal, Write-Back at index 1.
#define DEVICE (0 << 2)
#define NORMAL ((1 << 2) | (3 << 8)) // Inner Shareable

#define READ_ONLY (1 << 7)
#define ACCESSED (1 << 10) // else the first access would fault
#define NOT_EXECUTABLE ((1 << 53) | (1 << 54))
#define NOT_EXECUTABLE_AT_EL0 (1 << 54)

	.section .rodata.idmap, "a", %progbits

	.global idmap
	.balign 4096
idmap:
	.quad 0x00000000 + (BLOCK | DEVICE | ACCESSED | NOT_EXECUTABLE)
	.quad ram + TABLE
	.fill 510, 8, 0

	// The image, and writable data. vmbase sets SCTLR_EL1.WXN: what is writable is never executable.
	.balign 4096
ram:
	.quad 0x40000000 + (BLOCK | NORMAL | ACCESSED | READ_ONLY | NOT_EXECUTABLE_AT_EL0)
	.quad 0x40200000 + (BLOCK | NORMAL | ACCESSED | NOT_EXECUTABLE)
	.fill 510, 8, 0
