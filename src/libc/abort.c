// SPDX-License-Identifier: Apache-2.0

// Ends a program abnormally, with a crash report: abort(), assert() and signals. There is one process, with the
// ID 1.

#include <vmbase/panic.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define PROCESS_ID 1

// Newer versions of picolibc's <assert.h> call this.
_Noreturn void __assert_no_args(void);

__attribute__((weak)) _Noreturn void abort(void)
{
	void (*handler)(int) = signal(SIGABRT, SIG_DFL);

	if (handler != SIG_DFL && handler != SIG_IGN && handler != SIG_ERR) {
		handler(SIGABRT);
	}
	vmbase_panic("abort() was called");
}

// assert() calls this.
__attribute__((weak)) _Noreturn void __assert_func(const char *file, int line, const char *function,
						   const char *what)
{
	(void)function; // The backtrace begins with this function.
	vmbase_panic("assertion failed: %s:%d: %s", file, line, what);
}

__attribute__((weak)) _Noreturn void __assert(const char *what, const char *file, int line)
{
	__assert_func(file, line, NULL, what);
}

__attribute__((weak)) _Noreturn void __assert_no_args(void)
{
	vmbase_panic("assertion failed");
}

__attribute__((weak)) pid_t getpid(void)
{
	return PROCESS_ID;
}

// Returns whether a signal without a handler is ignored (POSIX.1-2017, <signal.h>).
static bool is_ignored(int number)
{
	switch (number) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
		return true;
	default:
		return false;
	}
}

// Delivers the signal at once, as raise() does. raise() calls kill() if the signal has no handler.
__attribute__((weak)) int kill(pid_t process, int number)
{
	void (*handler)(int);

	if (number < 0 || number >= NSIG) {
		errno = EINVAL;
		return -1;
	}
	// 0 and -1 mean groups that contain this process.
	if (process != PROCESS_ID && process != 0 && process != -1) {
		errno = ESRCH;
		return -1;
	}
	if (number == 0) {
		return 0;
	}
	handler = signal(number, SIG_DFL);
	if (handler == SIG_IGN) {
		(void)signal(number, SIG_IGN);
	} else if (handler != SIG_DFL && handler != SIG_ERR) {
		handler(number);
	} else if (!is_ignored(number)) {
		vmbase_panic("killed by signal %d", number);
	}
	return 0;
}
