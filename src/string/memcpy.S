// SPDX-License-Identifier: Apache-2.0

// memcpy() and memmove() for AArch64.

#include "../arch/asm.h"

	.arch_extension fp
	.arch_extension simd

// The bytes that one LD1 or ST1 of four registers moves: a cache line on most CPUs.
#define LINE 64

// void *memmove(void *destination, const void *source, size_t size)
// void *memcpy(void *restrict destination, const void *restrict source, size_t size)
// In: x0 destination, x1 source, x2 size. Out: x0 destination. Clobbers: x1, x3-x7, v0-v7, v16-v31, flags.
// Stack: none.
//
// One function serves both: it loads each byte of the source before a store may overwrite the byte. Accesses
// nothing outside the ranges. Accesses bytes in the ranges more than once, in any order and width, and at any
// alignment: use it for Normal memory, never for a device.
//
// memcpy is weak, so that a program may define its own.
	.weak memcpy
	.type memcpy, %function
	.set memcpy, memmove
func memmove
	cmp	x2, #16
	b.hs	4f

	// 8 to 15 bytes: the first eight and the last eight, which may overlap. All sizes up to 256 work like
	// this, with wider accesses.
	tbz	x2, #3, 1f
	sub	x3, x2, #8
	ldr	x4, [x1]
	ldr	x5, [x1, x3]
	str	x4, [x0]
	str	x5, [x0, x3]
	ret

	// 4 to 7.
1:	tbz	x2, #2, 2f
	sub	x3, x2, #4
	ldr	w4, [x1]
	ldr	w5, [x1, x3]
	str	w4, [x0]
	str	w5, [x0, x3]
	ret

	// 2 or 3.
2:	tbz	x2, #1, 3f
	sub	x3, x2, #2
	ldrh	w4, [x1]
	ldrh	w5, [x1, x3]
	strh	w4, [x0]
	strh	w5, [x0, x3]
	ret

	// 0 or 1.
3:	cbz	x2, 9f
	ldrb	w4, [x1]
	strb	w4, [x0]
	ret

	// 16 to 32.
4:	cmp	x2, #32
	b.hi	5f
	sub	x3, x2, #16
	ldr	q0, [x1]
	ldr	q1, [x1, x3]
	str	q0, [x0]
	str	q1, [x0, x3]
	ret

	// 33 to 64.
5:	cmp	x2, #64
	b.hi	6f
	add	x3, x1, x2
	add	x4, x0, x2
	ldp	q0, q1, [x1]
	ldp	q2, q3, [x3, #-32]
	stp	q0, q1, [x0]
	stp	q2, q3, [x4, #-32]
	ret

	// 65 to 128.
6:	cmp	x2, #2 * LINE
	b.hi	7f
	sub	x3, x2, #LINE
	mov	x4, x0
	ld1	{v0.16b - v3.16b}, [x1], x3
	ld1	{v4.16b - v7.16b}, [x1]
	st1	{v0.16b - v3.16b}, [x4], x3
	st1	{v4.16b - v7.16b}, [x4]
	ret

	// More than 128: load the first two blocks of LINE bytes into v0 to v7 and the last two into v16 to
	// v23. They are stored last, the last two to x6.
7:	sub	x3, x2, #2 * LINE
	add	x5, x1, x3
	add	x6, x0, x3
	ld1	{v0.16b - v3.16b}, [x1], #LINE
	ld1	{v4.16b - v7.16b}, [x1], #LINE
	ld1	{v16.16b - v19.16b}, [x5], #LINE
	ld1	{v20.16b - v23.16b}, [x5]
	cmp	x2, #4 * LINE
	b.hi	10f

	// Store both ends.
8:	mov	x4, x0
	st1	{v0.16b - v3.16b}, [x4], #LINE
	st1	{v4.16b - v7.16b}, [x4]
	st1	{v16.16b - v19.16b}, [x6], #LINE
	st1	{v20.16b - v23.16b}, [x6]
9:	ret

	// More than 256: copy the part between the ends first, two aligned lines of the destination at a time.
	// These lines may reach into the ends. x7 is the distance from source to destination. The copy runs
	// from front to back, unless the destination begins inside the source.
10:	add	x4, x0, #2 * LINE
	sub	x7, x4, x1
	cmp	x7, x2
	b.lo	12f

	and	x4, x4, #~(LINE - 1)
	sub	x1, x4, x7
11:	ld1	{v24.16b - v27.16b}, [x1], #LINE
	ld1	{v28.16b - v31.16b}, [x1], #LINE
	st1	{v24.16b - v27.16b}, [x4], #LINE
	st1	{v28.16b - v31.16b}, [x4], #LINE
	cmp	x4, x6
	b.lo	11b
	b	8b

	// From back to front: x3 is the line to store next. The loop ends when x3 is a line that the first two
	// blocks contain completely.
12:	sub	x3, x6, #1
	and	x3, x3, #~(LINE - 1)
	sub	x1, x3, x7
	add	x4, x0, #LINE
	mov	x5, #-LINE
13:	ld1	{v24.16b - v27.16b}, [x1], x5
	ld1	{v28.16b - v31.16b}, [x1], x5
	st1	{v24.16b - v27.16b}, [x3], x5
	st1	{v28.16b - v31.16b}, [x3], x5
	cmp	x3, x4
	b.hi	13b
	b	8b
endfunc memmove
	.size memcpy, . - memcpy
