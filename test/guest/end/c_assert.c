// SPDX-License-Identifier: Apache-2.0

// C's assert() makes a crash report with the text of the assertion.

#include <vmbase/main.h>

#undef NDEBUG
#include <assert.h>

static volatile int number = 3;

static void guest(void)
{
	assert(number == 3);
	assert(number == 4);
}

VMBASE_MAIN(guest);
