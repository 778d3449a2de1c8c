// SPDX-License-Identifier: Apache-2.0

// Empty sections by which linker/sections.ld steers the linker. The linker keeps them, as it keeps vmb_anchors.

	.section .vmb_anchor.writable_code, "awT", %progbits
	.section .vmb_anchor.unplaced, "awT", %progbits
	.section vmb_anchor_of_unplaced_tls, "a", %progbits
	.section .data.vmb_anchor, "aw", %progbits
	.section .bss.vmb_anchor, "aw", %nobits
	.section .vmb_anchor.behind_bss, "a", %progbits

	// What the linker script names, so that this file is linked.
	.global vmb_anchors
	.set vmb_anchors, 0
