// SPDX-License-Identifier: Apache-2.0

// Standard output: the guest's serial lines and the VMM's own reports, a line each.
//
// Callers hold the VM's lock, or are the only thread.

#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

enum {
	SERIAL_LINE_COUNT = 4,
};

// Prints "vmm: " and the text, as a line.
__attribute__((format(printf, 1, 2))) void report(const char *format, ...);

// Adds a byte to what serial line `line` has sent since its last newline, and prints "serialN| " and all of it
// when this is one; N is line + 1, as crosvm numbers its serial devices. Control characters are printed as
// \xNN, a carriage return before the newline not at all. A line that is longer than 1,024 characters is broken
// there.
void report_serial_byte(unsigned int line, uint8_t byte);

// Prints what the serial lines have sent without a newline.
void report_serial_flush(void);

#endif
