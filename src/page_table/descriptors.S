// SPDX-License-Identifier: Apache-2.0

// Loops over the entries of a translation table, 16 at a time. Each store writes whole 64-bit elements, so
// that a walk sees an entry as it was or as it is (Arm DDI 0487, issue K.a, Requirements for single-copy
// atomicity).

#include "../arch/asm.h"

	.arch_extension fp
	.arch_extension simd

#define TABLE_BYTES 4096

// void vmb_clear_table(uint64_t *entries)
// In: x0 entries of a whole table. Clobbers: x0, v0-v3. Stack: none.
func vmb_clear_table
	movi	v0.2d, #0
	movi	v1.2d, #0
	movi	v2.2d, #0
	movi	v3.2d, #0
	// The size is constant, unlike in vmb_zero().
	.rept TABLE_BYTES / 64
	st1	{v0.2d - v3.2d}, [x0], #64
	.endr
	ret
endfunc vmb_clear_table

// void vmb_fill_descriptors(uint64_t *entries, uint64_t first, uint64_t step, size_t count)
// In: x0 entries, x1 first, x2 step, x3 count.
// Clobbers: x0, x1, x3, x9, v0-v3, v16, v17, flags. Stack: none.
func vmb_fill_descriptors
	subs	x3, x3, #16
	b.lo	2f

	// v0 to v3 have eight entries, the first is x1. The steps to the next eight follow.
	add	x9, x1, x2
	fmov	d0, x1
	mov	v0.d[1], x9
	dup	v16.2d, x2
	shl	v17.2d, v16.2d, #3
	shl	v16.2d, v16.2d, #1
	add	v1.2d, v0.2d, v16.2d
	add	v2.2d, v1.2d, v16.2d
	add	v3.2d, v2.2d, v16.2d
1:	.rept 2
	st1	{v0.2d - v3.2d}, [x0], #64
	add	v0.2d, v0.2d, v17.2d
	add	v1.2d, v1.2d, v17.2d
	add	v2.2d, v2.2d, v17.2d
	add	v3.2d, v3.2d, v17.2d
	.endr
	subs	x3, x3, #16
	b.hs	1b
	fmov	x1, d0

	// The rest, one by one.
2:	adds	x3, x3, #16
	b.eq	4f
3:	str	x1, [x0], #8
	add	x1, x1, x2
	subs	x3, x3, #1
	b.ne	3b
4:	ret
endfunc vmb_fill_descriptors

// void vmb_change_descriptors(uint64_t *entries, uint64_t keep, uint64_t set, size_t count)
// In: x0 entries, x1 keep, x2 set, x3 count.
// Clobbers: x0, x3, x9, v0-v3, v16, v17, flags. Stack: none.
func vmb_change_descriptors
	subs	x3, x3, #16
	b.lo	2f
	dup	v16.2d, x1
	dup	v17.2d, x2
1:	.rept 2
	ld1	{v0.2d - v3.2d}, [x0]
	and	v0.16b, v0.16b, v16.16b
	and	v1.16b, v1.16b, v16.16b
	and	v2.16b, v2.16b, v16.16b
	and	v3.16b, v3.16b, v16.16b
	orr	v0.16b, v0.16b, v17.16b
	orr	v1.16b, v1.16b, v17.16b
	orr	v2.16b, v2.16b, v17.16b
	orr	v3.16b, v3.16b, v17.16b
	st1	{v0.2d - v3.2d}, [x0], #64
	.endr
	subs	x3, x3, #16
	b.hs	1b

	// The rest, one by one.
2:	adds	x3, x3, #16
	b.eq	4f
3:	ldr	x9, [x0]
	and	x9, x9, x1
	orr	x9, x9, x2
	str	x9, [x0], #8
	subs	x3, x3, #1
	b.ne	3b
4:	ret
endfunc vmb_change_descriptors

// struct vmb_summary vmb_summarise_descriptors(const uint64_t *entries, size_t count)
// In: x0 entries, x1 count. Out: x0 bits of all, x1 bits of any.
// Clobbers: x0, x1, x9-x12, v0-v3, v16, v17, flags. Stack: none.
func vmb_summarise_descriptors
	mov	x9, #-1
	mov	x10, #0
	subs	x1, x1, #16
	b.lo	2f
	dup	v16.2d, x9
	movi	v17.2d, #0
1:	.rept 2
	ld1	{v0.2d - v3.2d}, [x0], #64
	and	v16.16b, v16.16b, v0.16b
	orr	v17.16b, v17.16b, v0.16b
	and	v16.16b, v16.16b, v1.16b
	orr	v17.16b, v17.16b, v1.16b
	and	v16.16b, v16.16b, v2.16b
	orr	v17.16b, v17.16b, v2.16b
	and	v16.16b, v16.16b, v3.16b
	orr	v17.16b, v17.16b, v3.16b
	.endr
	subs	x1, x1, #16
	b.hs	1b
	fmov	x9, d16
	mov	x11, v16.d[1]
	and	x9, x9, x11
	fmov	x10, d17
	mov	x11, v17.d[1]
	orr	x10, x10, x11

	// The rest, one by one.
2:	adds	x1, x1, #16
	b.eq	4f
3:	ldr	x11, [x0], #8
	and	x9, x9, x11
	orr	x10, x10, x11
	subs	x1, x1, #1
	b.ne	3b
4:	mov	x0, x9
	mov	x1, x10
	ret
endfunc vmb_summarise_descriptors
