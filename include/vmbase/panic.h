// SPDX-License-Identifier: Apache-2.0

// Giving up, with a report.
//
// One report says on the console what happened, whatever it was: an exception that has the default handler
// (<vmbase/exceptions.h>), a panic, a failed assertion, a smashed stack. It gives the id of the build (the ELF
// file's note .note.gnu.build-id) and how far the image is from its linked address, what happened, the
// registers, and the return addresses along the frame pointers, with the functions' names where they are in the
// image (build option -Dsymbol_names=true); then the VM resets, or ends as the guest has chosen
// (VMBASE_CRASH_END). vmbase-run tells a crash from a wanted end, and it and vmbase-symbolize turn the
// addresses into functions, files and lines.
//
// C's abort(), a failed assert() of <assert.h>, and a signal that nothing handles end in such a report too.
// They run neither what atexit() was given nor destructors.
//
// A report is made on the exception stack: that main's is used up, or overwritten, does not matter. It takes
// no lock. An exception or a panic while it is made ends the VM at once, and so does a panic before the console
// is ready.

#ifndef VMBASE_PANIC_H
#define VMBASE_PANIC_H

#include <vmbase/console.h>

#ifdef __cplusplus
extern "C" {
#define VMBASE_STATIC_ASSERT static_assert
#else
#define VMBASE_STATIC_ASSERT _Static_assert
#endif

// How the VM ends after a crash, by one line in one source file of the guest:
//
//     VMBASE_CRASH_END(VMBASE_CRASH_POWER_OFF);
//
// VMBASE_CRASH_RESET       PSCI SYSTEM_RESET (Arm DEN 0022): the default, and upstream's end. Some VMMs then
//                          boot the guest again, so that a guest that crashes at start does so for ever.
// VMBASE_CRASH_POWER_OFF   PSCI SYSTEM_OFF: to the VMM the guest has ended regularly. Only the guest's output
//                          tells of the crash.
// VMBASE_CRASH_HALT        The CPU waits for ever with all interrupts masked, for a debugger or a watchdog.
//
// Every way into the end obeys it: a crash report, an exception or a panic in a report, and a boot that cannot
// go on, such as that of an image that is not where it was linked. (Where neither HVC nor SMC is there, the CPU
// waits.) The linker's option --defsym=vmbase_crash_end=vmbase_crash_power_off, _halt or _reset does the same.
#define VMBASE_CRASH_HALT 0
#define VMBASE_CRASH_POWER_OFF 8 // the last digit of the PSCI call's number
#define VMBASE_CRASH_RESET 9
#define VMBASE_CRASH_END(end)                                                                                  \
	__asm__(".global vmbase_crash_end\n\t.set vmbase_crash_end, " VMBASE_ASSERT_LINE(end));                \
	VMBASE_STATIC_ASSERT((end) == VMBASE_CRASH_HALT || (end) == VMBASE_CRASH_POWER_OFF ||                  \
				     (end) == VMBASE_CRASH_RESET,                                              \
			     "VMBASE_CRASH_END takes VMBASE_CRASH_RESET, _POWER_OFF or _HALT")

// Reports formatted text, on one line of its own, and where it was called, and ends the VM. The format is
// printf's, as in <vmbase/console.h>; a newline at its end is not needed. Any context.
__attribute__((format(printf, 1, 2), cold, noreturn)) void vmbase_panic(const char *format, ...);
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
__attribute__((cold, noreturn)) void vmbase_assert_failed(const char *what);

// The file's name without its directories, where the compiler knows it: an image does not depend on where it
// was built.
#ifdef __FILE_NAME__
#define VMBASE_ASSERT_FILE __FILE_NAME__
#else
#define VMBASE_ASSERT_FILE __FILE__
#endif
#define VMBASE_ASSERT_LINE(line) VMBASE_ASSERT_STRING(line)
#define VMBASE_ASSERT_STRING(line) #line

#ifdef __cplusplus
}
#endif

#endif
