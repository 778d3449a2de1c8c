// SPDX-License-Identifier: Apache-2.0

// The second file of a guest, for options that work across files.

#include "second.h"

const char *greeting(void)
{
	return "Hello world";
}
