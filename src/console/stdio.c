// SPDX-License-Identifier: Apache-2.0

// picolibc's streams for output: stdout and stderr.

#include "console_driver.h"

#include <stdio.h>

static int put(char c, FILE *stream)
{
	(void)stream;
	vmb_console_write_byte(c);
	return (unsigned char)c;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);

FILE *const stdout = &console;
FILE *const stderr = &console;
