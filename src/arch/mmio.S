// SPDX-License-Identifier: Apache-2.0

// The only instructions of the library that access a device (<vmbase/mmio.h>).

#include "asm.h"

// uintN_t vmbase_mmio_readN(uintptr_t address)
// In: x0 address. Out: x0 value. Clobbers: nothing else. Stack: none.

func vmbase_mmio_read8
	ldrb	w0, [x0]
	ret
endfunc vmbase_mmio_read8

func vmbase_mmio_read16
	ldrh	w0, [x0]
	ret
endfunc vmbase_mmio_read16

func vmbase_mmio_read32
	ldr	w0, [x0]
	ret
endfunc vmbase_mmio_read32

func vmbase_mmio_read64
	ldr	x0, [x0]
	ret
endfunc vmbase_mmio_read64

// void vmbase_mmio_writeN(uintptr_t address, uintN_t value)
// In: x0 address, x1 value. Clobbers: nothing. Stack: none.

func vmbase_mmio_write8
	strb	w1, [x0]
	ret
endfunc vmbase_mmio_write8

func vmbase_mmio_write16
	strh	w1, [x0]
	ret
endfunc vmbase_mmio_write16

func vmbase_mmio_write32
	str	w1, [x0]
	ret
endfunc vmbase_mmio_write32

func vmbase_mmio_write64
	str	x1, [x0]
	ret
endfunc vmbase_mmio_write64
