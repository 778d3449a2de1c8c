// SPDX-License-Identifier: Apache-2.0

// The entry point of the second CPU.

#include "../../../src/arch/asm.h"

#define PSCI_CPU_OFF 0x84000002

// The second CPU starts here, with MMU and caches off and its context in x0. Stores the context and turns the
// CPU off.
func second_cpu
	adr_l	x1, second_cpu_slot
	str	x0, [x1]
	// The store is in memory before the first CPU can see that this CPU is off.
	dsb	sy
	mov_imm32 w0, PSCI_CPU_OFF
	hvc	#0
1:	wfi
	b	1b
endfunc second_cpu
