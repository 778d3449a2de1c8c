// SPDX-License-Identifier: Apache-2.0

// C17, 7.22.4.3 and 7.22.4.7: an end of its own, without the functions of atexit() and without destructors.

#include <stddef.h>
#include <stdlib.h>

// C17 asks for 32.
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
