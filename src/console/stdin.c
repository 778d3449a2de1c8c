// SPDX-License-Identifier: Apache-2.0

// picolibc's stream for input: stdin.

#include "console_driver.h"

#include <stdio.h>

static int get(FILE *stream)
{
	int byte = vmb_console_wait_char();

	(void)stream;
	return byte < 0 ? _FDEV_EOF : byte;
}

static FILE console = FDEV_SETUP_STREAM(NULL, get, NULL, _FDEV_SETUP_READ);

FILE *const stdin = &console;
