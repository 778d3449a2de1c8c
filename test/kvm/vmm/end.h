// SPDX-License-Identifier: Apache-2.0

// How the VM ends, and the process with it.

#ifndef END_H
#define END_H

// The exit status.
enum end_status {
	END_POWER_OFF = 0,
	END_FAILED = 1, // of the VMM itself, or of the host's KVM
	END_RESET = 2,
	END_STOPPED = 3, // the VMM gave up on the guest
};

// Prints what is left to say, "vmm: end " and the text, and exits. Callers hold the VM's lock, or are the one
// thread there is.
__attribute__((noreturn, format(printf, 2, 3))) void end(enum end_status status, const char *format, ...);

#endif
