// SPDX-License-Identifier: Apache-2.0

// Functions that run before and after main and print their names, for guests that end in different ways.

#ifndef STEPS_H
#define STEPS_H

#include <vmbase/console.h>

#include <stdlib.h>

#define STEP(attributes, name)                                                                                 \
	__attribute__((attributes)) static void name(void)                                                     \
	{                                                                                                      \
		vmbase_println(#name);                                                                         \
	}

STEP(used, preinit)
STEP(constructor(200), constructor_200)
STEP(constructor(300), constructor_300)
STEP(constructor, constructor_last)
STEP(destructor(200), destructor_200)
STEP(destructor(300), destructor_300)
STEP(destructor, destructor_first)
STEP(used, exit_nested)

__attribute__((used, section(".preinit_array"))) static void (*const run_preinit)(void) = preinit;

static void exit_a(void)
{
	vmbase_println("exit_a");
}

static void exit_b(void)
{
	vmbase_println("exit_b");
	// Runs next.
	if (atexit(exit_nested) != 0) {
		vmbase_println("not registered");
	}
}

static inline void register_exits(void)
{
	if (atexit(exit_a) != 0 || atexit(exit_b) != 0) {
		vmbase_println("not registered");
	}
}

#endif
