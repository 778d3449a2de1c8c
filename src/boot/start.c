// SPDX-License-Identifier: Apache-2.0

#include <vmbase/main.h>
#include <vmbase/power.h>

#include "../console/console.h"
#include "boot.h"

extern vmbase_main_fn *const vmbase_main;

void vmb_start(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	vmb_console_init();
	vmbase_main(arg0, arg1, arg2, arg3);
	vmbase_shutdown();
}
