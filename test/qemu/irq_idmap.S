// SPDX-License-Identifier: Apache-2.0

#define BLOCK 0x401		// valid, accessed
#define TABLE 0x3
#define NORMAL (1 << 2 | 3 << 8) // attribute 1, Inner Shareable
#define READ_ONLY (1 << 7)
#define NO_EXECUTE (3 << 53)
#define NO_EXECUTE_EL0 (1 << 54)

	.section .rodata.idmap, "a", %progbits
	.global idmap
	.balign 4096
idmap:
	.quad	BLOCK | NO_EXECUTE	// devices
	.quad	TABLE + level2
	.fill	510, 8, 0
level2:
	.quad	BLOCK | NORMAL | READ_ONLY | NO_EXECUTE_EL0 | 0x40000000
	.quad	BLOCK | NORMAL | NO_EXECUTE | 0x40200000
	.fill	510, 8, 0
