// SPDX-License-Identifier: Apache-2.0

// A virtual machine monitor for the tests: other VMMs' machines on Linux's KVM, crosvm's with a test device in
// it, with hypervisors that the host does not have, and with a line about all that matters. options.c has the
// manual.

#include "crash.h"
#include "options.h"
#include "run.h"
#include "vm.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	static struct options options;
	static struct vm vm;

	crash_watch();
	options_parse(&options, argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	crash_note("creating the VM", NULL);
	vm_create(&vm, &options);
	run(&vm);
}
