// SPDX-License-Identifier: Apache-2.0

// memcmp() for AArch64.

#include "../arch/asm.h"

	.arch_extension fp
	.arch_extension simd

// The bytes that one LD1 of four registers reads.
#define LINE 64

// int memcmp(const void *first, const void *second, size_t size)
// In: x0 first, x1 second, x2 size. Out: w0, less than, equal to or greater than 0: the order of the first
// bytes that differ, as unsigned values. Clobbers: x1-x8, v0-v7, flags. Stack: none.
//
// Reads nothing outside the ranges. Reads bytes in the ranges more than once and at any alignment.
func memcmp
	cmp	x2, #16
	b.hs	4f

	// 8 to 15 bytes: the first eight and the last eight, which may overlap.
	tbz	x2, #3, 1f
	ldr	x4, [x0]
	ldr	x5, [x1]
	cmp	x4, x5
	b.ne	10f
	sub	x3, x2, #8
	ldr	x4, [x0, x3]
	ldr	x5, [x1, x3]
	b	10f

	// 4 to 7.
1:	tbz	x2, #2, 2f
	ldr	w4, [x0]
	ldr	w5, [x1]
	cmp	w4, w5
	b.ne	10f
	sub	x3, x2, #4
	ldr	w4, [x0, x3]
	ldr	w5, [x1, x3]
	b	10f

	// Up to 3: byte by byte.
2:	subs	x2, x2, #1
	b.lo	3f
	ldrb	w4, [x0], #1
	ldrb	w5, [x1], #1
	cmp	w4, w5
	b.eq	2b
	sub	w0, w4, w5
	ret
3:	mov	w0, #0
	ret

	// 16 and more. x3: the distance from the first range to the second; x6: the address of the last sixteen
	// bytes.
4:	sub	x3, x1, x0
	add	x6, x0, x2
	sub	x6, x6, #16

	// Skip equal blocks of LINE bytes.
	cmp	x2, #LINE
	b.lo	7f
	sub	x2, x6, #LINE - 16
5:	ld1	{v0.16b - v3.16b}, [x0], #LINE
	ld1	{v4.16b - v7.16b}, [x1], #LINE
	eor	v0.16b, v0.16b, v4.16b
	eor	v1.16b, v1.16b, v5.16b
	eor	v2.16b, v2.16b, v6.16b
	eor	v3.16b, v3.16b, v7.16b
	orr	v0.16b, v0.16b, v1.16b
	orr	v2.16b, v2.16b, v3.16b
	orr	v0.16b, v0.16b, v2.16b
	umaxp	v0.4s, v0.4s, v0.4s
	fmov	x4, d0
	cbnz	x4, 6f
	cmp	x0, x2
	b.ls	5b
	b	7f
6:	sub	x0, x0, #LINE
	sub	x1, x1, #LINE

	// Compare sixteen bytes at a time, and finally the last sixteen.
7:	cmp	x0, x6
	b.hs	8f
	ldp	x4, x7, [x0], #16
	ldp	x5, x8, [x1], #16
	cmp	x4, x5
	ccmp	x7, x8, #0, eq
	b.eq	7b
	b	9f
8:	add	x1, x6, x3
	ldp	x4, x7, [x6]
	ldp	x5, x8, [x1]

	// Compare the first eight of the sixteen or, if these are equal, the last eight.
9:	cmp	x4, x5
	csel	x4, x7, x4, eq
	csel	x5, x8, x5, eq

	// Big-endian numbers compare like their bytes.
10:	rev	x4, x4
	rev	x5, x5
	cmp	x4, x5
	cset	w0, ne
	cneg	w0, w0, lo
	ret
endfunc memcmp
