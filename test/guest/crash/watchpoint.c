// SPDX-License-Identifier: Apache-2.0

// Debug exceptions are not masked in main: a watchpoint is reported, with the address and the kind of access.

#include "crash.h"

#define DBGWCR_E UINT64_C(1)
#define DBGWCR_PAC_EL1 (UINT64_C(1) << 1)
#define DBGWCR_LSC_STORE (UINT64_C(2) << 3)
#define DBGWCR_BAS_ALL (UINT64_C(0xff) << 5)
#define MDSCR_KDE (UINT64_C(1) << 13)
#define MDSCR_MDE (UINT64_C(1) << 15)

static volatile uint64_t watched;

static void crash(void)
{
	__asm__ volatile("msr oslar_el1, xzr\n\t"
			 "msr dbgwvr0_el1, %0\n\t"
			 "msr dbgwcr0_el1, %1\n\t"
			 "msr mdscr_el1, %2\n\t"
			 "isb"
			 :
			 : "r"(&watched), "r"(DBGWCR_BAS_ALL | DBGWCR_LSC_STORE | DBGWCR_PAC_EL1 | DBGWCR_E),
			   "r"(MDSCR_MDE | MDSCR_KDE)
			 : "memory");
	vmbase_println("watching %p", (void *)&watched);
	watched = 1;
}

CRASH(crash);
