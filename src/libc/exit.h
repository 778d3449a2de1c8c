// SPDX-License-Identifier: Apache-2.0

// How a program ends: by its main function's return, or by exit().

#ifndef VMB_EXIT_H
#define VMB_EXIT_H

// Functions with __attribute__((destructor)); sections.ld puts their addresses in the order of their
// priorities. The last one runs what atexit() was given, if there is any.
extern void (*const vmb_destructors_begin[])(void);
extern void (*const vmb_destructors_end[])(void);

// Runs the destructors, the last one first.
__attribute__((always_inline)) static inline void vmb_run_destructors(void)
{
	for (void (*const *destructor)(void) = vmb_destructors_end; destructor > vmb_destructors_begin;) {
		(*--destructor)();
	}
}

#endif
