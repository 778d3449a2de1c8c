// SPDX-License-Identifier: Apache-2.0

// With the build option printf_float, the console prints floating point like printf().

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <stdio.h>

static volatile double number = 3.25;

static void guest(void)
{
	vmbase_println("console %.2f %.1e %d", number, number / -3.25 * 1.5e10, 7);
	printf("printf %.2f\n", number);
}

VMBASE_MAIN(guest);
