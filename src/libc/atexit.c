// SPDX-License-Identifier: Apache-2.0

// Runs registered functions when the program ends, the last one first (C17, 7.22.4.2, The atexit function).

#include <stddef.h>
#include <stdlib.h>

// C++ compilers call this for objects with a destructor that runs at the program's end (Itanium C++ ABI, DSO
// Object Destruction API). A guest is a single shared object, so `object` is always the same.
int __cxa_atexit(void (*function)(void *argument), void *argument, void *object);

// C17 requires at least 32.
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

// sections.ld puts this pointer after all destructors, so that it runs before them.
__attribute__((used, section(".vmb_exit_functions"))) static void (*const run_at_exit)(void) = run_functions;
