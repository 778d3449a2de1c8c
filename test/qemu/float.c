// SPDX-License-Identifier: Apache-2.0

// With -Dprintf_float=true floating point is formatted, on the console and by snprintf; without it the text is
// not the number.

#include "tap.h"

#include <vmbase/main.h>

#include <stdio.h>
#include <string.h>

static volatile double number = 3.25;

static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	char text[32];

	snprintf(text, sizeof(text), "%.2f|%d", number, 7);
	vmbase_println("# %.2f %s", number, text);
	tap_ok((strcmp(text, "3.25|7") == 0) == PRINTF_FLOAT, "floating point is formatted as the option says");
	tap_done();
}

VMBASE_MAIN(guest);
