// SPDX-License-Identifier: Apache-2.0

// Giving up, with a report.
//
// One report says on the console what happened, whatever it was: an exception that has the default handler
// (<vmbase/exceptions.h>), a panic, a failed assertion, a smashed stack. It gives the id of the build (the ELF
// file's note .note.gnu.build-id) and how far the image is from its linked address, what happened, the
// registers, and the return addresses along the frame pointers, with the functions' names where they are in the
// image (build option -Dsymbol_names=true); then the VM resets. vmbase-run tells such a reset from a wanted
// one, and it and vmbase-symbolize turn the addresses into functions, files and lines.
//
// A report is made on the exception stack: that main's is used up, or overwritten, does not matter. It takes
// no lock. An exception or a panic while it is made resets the VM at once, and so does a panic before the
// console is ready.

#ifndef VMBASE_PANIC_H
#define VMBASE_PANIC_H

#include <vmbase/console.h>

// Reports formatted text, on one line of its own, and where it was called, and resets the VM. The format is
// printf's, as in <vmbase/console.h>; a newline at its end is not needed. Any context.
__attribute__((format(printf, 1, 2), cold)) _Noreturn void vmbase_panic(const char *format, ...);
#ifdef VMBASE_INTEGERS_ONLY
#define vmbase_panic(...) VMBASE_INTEGERS_ONLY(vmbase_panic, __VA_ARGS__)
#endif

// Panics where the expression is zero, and says which it was. It is evaluated once, in every build: there is
// no switch that leaves it out. Any context.
#define vmbase_assert(expression)                                                                              \
	((expression)                                                                                          \
		 ? (void)0                                                                                     \
		 : vmbase_assert_failed(VMBASE_ASSERT_FILE ":" VMBASE_ASSERT_LINE(__LINE__) ": " #expression))

// What vmbase_assert() calls, with one string for all that it says: each use costs three instructions.
__attribute__((cold)) _Noreturn void vmbase_assert_failed(const char *what);

// The file's name without its directories, where the compiler knows it: an image does not depend on where it
// was built.
#ifdef __FILE_NAME__
#define VMBASE_ASSERT_FILE __FILE_NAME__
#else
#define VMBASE_ASSERT_FILE __FILE__
#endif
#define VMBASE_ASSERT_LINE(line) VMBASE_ASSERT_STRING(line)
#define VMBASE_ASSERT_STRING(line) #line

#endif
