// SPDX-License-Identifier: Apache-2.0

// The map of image.ld's regions, and of the first GiB, where crosvm's devices are.

#include "../../../src/arch/sysreg.h"

#define BLOCK_DEVICE (PTE_ATTR_INDEX(MAIR_INDEX_DEVICE) | PTE_AF | PTE_UXN | PTE_PXN | PTE_VALID)
#define BLOCK_NORMAL (PTE_ATTR_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER | PTE_AF | PTE_UXN | PTE_VALID)
#define TABLE (PTE_TABLE_OR_PAGE | PTE_VALID)

	.section .rodata.idmap, "a", %progbits
	.global idmap
	.balign 4096
idmap:
	.quad	BLOCK_DEVICE
	.quad	0
	.quad	ram + TABLE
	.fill	509, 8, 0

	.balign 4096
ram:
	.quad	0
	.quad	0x80200000 + (BLOCK_NORMAL | PTE_AP_RDONLY)
	.quad	0x80400000 + (BLOCK_NORMAL | PTE_PXN)
	.fill	509, 8, 0
