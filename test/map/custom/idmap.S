// SPDX-License-Identifier: Apache-2.0

// The map of image.ld's machine, complete with the attributes of each block, as a guest for the platform
// `custom` brings it. Translation is of 39-bit addresses, so it starts at level 1.

#define TABLE 0x3
#define BLOCK 0x1
#define DEVICE 0 << 2
#define NORMAL 1 << 2
#define READ_ONLY 1 << 7
#define INNER_SHAREABLE 3 << 8
#define AF 1 << 10
#define PXN 1 << 53
#define UXN 1 << 54

#define ENTRIES 512

	.section .rodata.idmap, "a", %progbits
	.balign 4096
	.global idmap
	.type idmap, %object
idmap:
	.quad	BLOCK | DEVICE | AF | PXN | UXN // the first GiB
	.quad	TABLE + ram
	.fill	ENTRIES - 2, 8, 0
	.size idmap, . - idmap

	.type ram, %object
ram:
	.quad	BLOCK | NORMAL | INNER_SHAREABLE | READ_ONLY | AF | UXN | 0x40000000 // image
	.quad	BLOCK | NORMAL | INNER_SHAREABLE | AF | PXN | UXN | 0x40200000       // writable_data
	.fill	ENTRIES - 2, 8, 0
	.size ram, . - ram
