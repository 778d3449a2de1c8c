// SPDX-License-Identifier: Apache-2.0

// atexit() takes the 32 functions that C promises, and returns an error for more.

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <stdlib.h>

static int calls;

static void count(void)
{
	calls++;
}

static void print_calls(void)
{
	vmbase_println("%d functions ran", calls);
}

static void guest(void)
{
	int registered = 0;

	if (atexit(print_calls) != 0) {
		return;
	}
	while (registered < 10000 && atexit(count) == 0) {
		registered++;
	}
	vmbase_println("%s: %d functions registered", registered >= 31 ? "enough" : "too few", registered);
}

VMBASE_MAIN(guest);
