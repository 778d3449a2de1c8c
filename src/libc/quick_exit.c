// SPDX-License-Identifier: Apache-2.0

// quick_exit() and at_quick_exit() (C17, 7.22.4.7 and 7.22.4.3). They run neither the functions of atexit() nor
// destructors.

#include <stddef.h>
#include <stdlib.h>

// C17 requires at least 32.
#define FUNCTIONS_MAX 32

static void (*functions[FUNCTIONS_MAX])(void);
static size_t count;

int at_quick_exit(void (*function)(void))
{
	if (count == FUNCTIONS_MAX) {
		return -1;
	}
	functions[count++] = function;
	return 0;
}

_Noreturn void quick_exit(int status)
{
	while (count > 0) {
		functions[--count]();
	}
	_Exit(status);
}
