// SPDX-License-Identifier: Apache-2.0

#include "end.h"

#include "bus.h"
#include "crash.h"
#include "hypercall.h"
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TEXT_MAX = 512,
};

void end(enum end_status status, const char *format, ...)
{
	char text[TEXT_MAX];

	crash_note("the end", NULL);
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_serial_flush();
	bus_report();
	hypercall_report();
	report("end %s%s", status == END_FAILED ? "failed: " : "", text);
	exit((int)status);
}
