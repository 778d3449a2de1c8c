// SPDX-License-Identifier: Apache-2.0

// Two words are written through a null pointer by one instruction, which no hypervisor emulates for a device.

#include "crash.h"

static void *volatile pointer;

static void crash(void)
{
	__asm__ volatile("stp xzr, xzr, [%0]" : : "r"(pointer) : "memory");
}

CRASH(crash);
