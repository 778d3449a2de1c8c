// SPDX-License-Identifier: Apache-2.0

// Functions that run when the program ends, the last one registered first (C17, 7.22.4.2, The atexit function).

#include <stddef.h>
#include <stdlib.h>

// C++'s compilers call this for objects that are to be destroyed at the end (Itanium C++ ABI, DSO Object
// Destruction API). A guest is one object: `object` is always the same.
int __cxa_atexit(void (*function)(void *argument), void *argument, void *object);

// C17 asks for 32.
#define FUNCTIONS_MAX 64

static struct {
	void (*function)(void *argument);
	void *argument;
} functions[FUNCTIONS_MAX];
static size_t count;

int __cxa_atexit(void (*function)(void *argument), void *argument, void *object)
{
	(void)object;
	if (count == FUNCTIONS_MAX) {
		return -1;
	}
	functions[count].function = function;
	functions[count].argument = argument;
	count++;
	return 0;
}

// A function without parameters ignores its argument (AAPCS64, Parameter passing).
int atexit(void (*func)(void))
{
	return __cxa_atexit((void (*)(void *))func, NULL, NULL);
}

// A function may register others, which run next.
static void run_functions(void)
{
	while (count > 0) {
		count--;
		functions[count].function(functions[count].argument);
	}
}

// Linked if this file is, and behind all destructors, so that it runs before them.
__attribute__((used, section(".vmb_exit_functions"))) static void (*const run_at_exit)(void) = run_functions;
