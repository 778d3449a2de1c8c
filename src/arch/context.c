// SPDX-License-Identifier: Apache-2.0

// Whether main or a handler runs, by the stack pointer in use.

#include "context.h"

#include <stdint.h>

bool vmb_in_handler(void)
{
	uint64_t spsel;

	__asm__ volatile("mrs %0, spsel" : "=r"(spsel));
	return spsel != 0;
}
