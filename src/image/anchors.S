// SPDX-License-Identifier: Apache-2.0

// Empty sections that linker/sections.ld uses to place other sections.

	.section .vmb_anchor.writable_code, "awT", %progbits
	.section .vmb_anchor.unplaced, "awT", %progbits
	.section vmb_anchor_of_unplaced_tls, "a", %progbits
	.section .data.vmb_anchor, "aw", %progbits
	.section .bss.vmb_anchor, "aw", %nobits
	.section .vmb_anchor.behind_bss, "a", %progbits

	// The linker script names this symbol, so that this file is linked.
	.global vmb_anchors
	.set vmb_anchors, 0
