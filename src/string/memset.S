// SPDX-License-Identifier: Apache-2.0

// memset() for AArch64.

#include "../arch/asm.h"

	.arch_extension fp
	.arch_extension simd

// The bytes that one ST1 of four registers writes: a cache line on most CPUs.
#define LINE 64

// void *memset(void *destination, int value, size_t size)
// In: x0 destination, w1 value (only the low byte is used), x2 size. Out: x0 destination.
// Clobbers: x3-x5, v0-v3, flags. Stack: none.
//
// Writes nothing outside the range. Writes bytes in the range more than once, in any order and width, and at
// any alignment: use it for Normal memory, never for a device.
func memset
	dup	v0.16b, w1
	cmp	x2, #16
	b.hs	4f

	// 8 to 15 bytes: the first eight and the last eight, which may overlap. All sizes up to 128 work like
	// this, with wider stores.
	tbz	x2, #3, 1f
	sub	x3, x2, #8
	str	d0, [x0]
	str	d0, [x0, x3]
	ret

	// 4 to 7.
1:	tbz	x2, #2, 2f
	sub	x3, x2, #4
	str	s0, [x0]
	str	s0, [x0, x3]
	ret

	// 2 or 3.
2:	tbz	x2, #1, 3f
	sub	x3, x2, #2
	str	h0, [x0]
	str	h0, [x0, x3]
	ret

	// 0 or 1.
3:	cbz	x2, 8f
	strb	w1, [x0]
	ret

	// 16 to 32.
4:	cmp	x2, #32
	b.hi	5f
	sub	x3, x2, #16
	str	q0, [x0]
	str	q0, [x0, x3]
	ret

	// 33 to 64.
5:	add	x4, x0, x2
	cmp	x2, #64
	b.hi	6f
	stp	q0, q0, [x0]
	stp	q0, q0, [x4, #-32]
	ret

	// 65 to 128.
6:	mov	v1.16b, v0.16b
	mov	v2.16b, v0.16b
	mov	v3.16b, v0.16b
	sub	x5, x4, #LINE
	st1	{v0.16b - v3.16b}, [x0]
	st1	{v0.16b - v3.16b}, [x5]
	cmp	x2, #2 * LINE
	b.ls	8f

	// More than 128: the last block of LINE bytes but one, then two aligned lines at a time. DC ZVA would
	// need as many instructions; it writes only zeros, and a hypervisor can forbid it.
	sub	x5, x5, #LINE
	st1	{v0.16b - v3.16b}, [x5]
	add	x3, x0, #LINE
	and	x3, x3, #~(LINE - 1)
	cmp	x3, x5
	b.hs	8f
7:	st1	{v0.16b - v3.16b}, [x3], #LINE
	st1	{v0.16b - v3.16b}, [x3], #LINE
	cmp	x3, x5
	b.lo	7b
8:	ret
endfunc memset
