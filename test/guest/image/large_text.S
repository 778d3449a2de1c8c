// SPDX-License-Identifier: Apache-2.0

// Code of 2 MiB in one section.

#define TEXT_BYTES (2 * 1024 * 1024)

	.section .text.large, "ax", %progbits
	.balign	4
	.global large_first
	.type large_first, %function
large_first:
	hint	#34	// BTI C
	mov	w0, #1
	ret
	.size large_first, . - large_first
	.skip	TEXT_BYTES
	.global large_last
	.type large_last, %function
large_last:
	hint	#34
	mov	w0, #2
	ret
	.size large_last, . - large_last
