// SPDX-License-Identifier: Apache-2.0

#include "second.h"

const char *greeting(void)
{
	return "Hello world";
}
