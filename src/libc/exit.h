// SPDX-License-Identifier: Apache-2.0

// The destructors that run when main returns, or by exit().

#ifndef VMB_EXIT_H
#define VMB_EXIT_H

// Functions with __attribute__((destructor)). sections.ld sorts their addresses by priority. If the program
// uses atexit(), the last pointer runs the functions of atexit().
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
