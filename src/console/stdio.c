// SPDX-License-Identifier: Apache-2.0

// picolibc's standard streams: output goes to the console, input is always at its end.

#include "console.h"

#include <stdio.h>

static int put(char c, FILE *stream)
{
	(void)stream;
	vmbase_console.driver->write(vmbase_console.base, (uint8_t)c);
	return (unsigned char)c;
}

static int get(FILE *stream)
{
	(void)stream;
	return _FDEV_EOF;
}

static FILE console = FDEV_SETUP_STREAM(put, get, NULL, _FDEV_SETUP_RW);

FILE *const stdin = &console;
FILE *const stdout = &console;
FILE *const stderr = &console;
