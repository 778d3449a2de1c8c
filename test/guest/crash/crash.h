// SPDX-License-Identifier: Apache-2.0

// CRASH(function) makes a guest that crashes in a function.

#ifndef CRASH_H
#define CRASH_H

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <stdint.h>

#define CRASH(crash)                                                                                           \
	static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)                          \
	{                                                                                                      \
		(void)arg0, (void)arg1, (void)arg2, (void)arg3;                                                \
		vmbase_println("before");                                                                      \
		crash();                                                                                       \
		vmbase_println("after");                                                                       \
	}                                                                                                      \
	VMBASE_MAIN(guest)

#endif
