// SPDX-License-Identifier: Apache-2.0

// A signal is handled or ignored, or it ends the program with a crash report.

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static void handle(int number)
{
	vmbase_println("signal %d", number);
}

static void guest(void)
{
	signal(SIGUSR1, handle);
	signal(SIGUSR2, SIG_IGN);
	vmbase_println("handled: %d", kill(getpid(), SIGUSR1));
	vmbase_println("ignored: %d, %d", kill(getpid(), SIGUSR2), raise(SIGUSR2));
	vmbase_println("ignored by default: %d", raise(SIGCHLD));
	vmbase_println("probed: %d", kill(getpid(), 0));
	errno = 0;
	vmbase_println("unknown process: %d, %d", kill(getpid() + 1, SIGTERM), errno == ESRCH);
	errno = 0;
	vmbase_println("unknown signal: %d, %d", kill(getpid(), 1000), errno == EINVAL);
	raise(SIGTERM);
}

VMBASE_MAIN(guest);
