// SPDX-License-Identifier: Apache-2.0

// A handler of SIGABRT may keep abort() from ending the program (C17, 7.22.4.1), for example by longjmp().

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

static jmp_buf back;

static void handle(int number)
{
	vmbase_println("signal %d", number);
	longjmp(back, 1);
}

static void guest(void)
{
	signal(SIGABRT, handle);
	if (setjmp(back) == 0) {
		abort();
	}
	vmbase_println("continued");
}

VMBASE_MAIN(guest);
