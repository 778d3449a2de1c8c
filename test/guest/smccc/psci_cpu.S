// SPDX-License-Identifier: Apache-2.0

// The entry point of the second CPU.

#include "../../../src/arch/asm.h"

#define PSCI_CPU_OFF 0x84000002

// Where the second CPU begins, with its MMU and caches off and its context in x0: writes that down and turns itself off.
func second_cpu
	adr_l	x1, second_cpu_slot
	str	x0, [x1]
	// The store is in memory before the first CPU can learn that this one is off.
	dsb	sy
	mov_imm32 w0, PSCI_CPU_OFF
	hvc	#0
1:	wfi
	b	1b
endfunc second_cpu
