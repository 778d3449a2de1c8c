// SPDX-License-Identifier: Apache-2.0

// Panics, assertions and the crash report.
//
// An exception with the default handler (<vmbase/exceptions.h>), a panic, a failed assertion and a smashed
// stack print a crash report on the console. Then the VM resets, or ends as the guest has chosen
// (VMBASE_CRASH_END). C's abort(), a failed assert() of <assert.h> and an unhandled signal do the same. A crash
// runs neither the functions that atexit() was given nor destructors.
//
// The report has the cause, the build ID (the ELF file's note .note.gnu.build-id), the distance of the image
// from its linked address, the registers, and the return addresses along the frame pointers, with the names of
// the functions if the image has them (build option -Dsymbol_names=true). vmbase-run distinguishes a crash from
// a wanted end. vmbase-run and vmbase-symbolize translate the addresses to functions, files and lines.
//
// The report is made on the exception stack, so that it works when main's stack is used up or overwritten. It
// takes no lock. An exception or a panic during the report, and a panic before the console is ready, end the VM
// at once.

#ifndef VMBASE_PANIC_H
#define VMBASE_PANIC_H

#include <vmbase/console.h>

#ifdef __cplusplus
extern "C" {
#define VMBASE_STATIC_ASSERT static_assert
#else
#define VMBASE_STATIC_ASSERT _Static_assert
#endif

// Chooses the end of the VM after a crash, by one line in one source file of the guest:
//
//     VMBASE_CRASH_END(VMBASE_CRASH_POWER_OFF);
//
// VMBASE_CRASH_RESET       PSCI SYSTEM_RESET (Arm DEN 0022): the default, as upstream. Some VMMs then boot the
//                          guest again: a guest that crashes at start does so for ever.
// VMBASE_CRASH_POWER_OFF   PSCI SYSTEM_OFF: for the VMM this is a regular end. Only the guest's output shows
//                          the crash.
// VMBASE_CRASH_HALT        The CPU waits for ever with all interrupts masked, for a debugger or a watchdog.
//
// The choice holds after each crash report, after an exception or a panic during a report, and if the boot
// fails, for example because the image is not at its linked address. (Without HVC and SMC the CPU waits.) The
// linker's option --defsym=vmbase_crash_end=vmbase_crash_power_off, _halt or _reset makes the same choice.
#define VMBASE_CRASH_HALT 0
#define VMBASE_CRASH_POWER_OFF 8 // the last digit of the PSCI call's number
#define VMBASE_CRASH_RESET 9
#define VMBASE_CRASH_END(end)                                                                                  \
	__asm__(".global vmbase_crash_end\n\t.set vmbase_crash_end, " VMBASE_ASSERT_LINE(end));                \
	VMBASE_STATIC_ASSERT((end) == VMBASE_CRASH_HALT || (end) == VMBASE_CRASH_POWER_OFF ||                  \
				     (end) == VMBASE_CRASH_RESET,                                              \
			     "VMBASE_CRASH_END takes VMBASE_CRASH_RESET, _POWER_OFF or _HALT")

// Prints a crash report with the formatted text, on a line of its own, and with the place of the call, and ends
// the VM. The format is that of printf, as in <vmbase/console.h>, without a newline at its end.
//
// Context: any
__attribute__((format(printf, 1, 2), cold, noreturn)) void vmbase_panic(const char *format, ...);
#ifdef VMBASE_INTEGERS_ONLY
#define vmbase_panic(...) VMBASE_INTEGERS_ONLY(vmbase_panic, __VA_ARGS__)
#endif

// Panics if the expression is zero; the report has the text of the expression. Each build evaluates the
// expression exactly once: no option removes it.
#define vmbase_assert(expression)                                                                              \
	((expression)                                                                                          \
		 ? (void)0                                                                                     \
		 : vmbase_assert_failed(VMBASE_ASSERT_FILE ":" VMBASE_ASSERT_LINE(__LINE__) ": " #expression))

// Panics with the text of a failed vmbase_assert(), which is one string: each assertion costs three
// instructions.
//
// Context: any
__attribute__((cold, noreturn)) void vmbase_assert_failed(const char *what);

// The file's name, without its directories if the compiler can do this: an image does not depend on the place
// of its build.
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
