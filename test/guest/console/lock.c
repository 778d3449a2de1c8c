// SPDX-License-Identifier: Apache-2.0

// A handler that interrupts the holder of the console's lock still prints, with and without the lock,
// instead of waiting for it for ever.

#include <vmbase/console.h>
#include <vmbase/exceptions.h>
#include <vmbase/main.h>
#include <vmbase/power.h>

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	(void)frame;
	vmbase_eprintln("");
	vmbase_eprintln("handler, without the lock");
	vmbase_println("handler, with the lock");
	vmbase_shutdown();
}

static void lock(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_println("main prints%s", (const char *)UINT64_C(0x123456780)); // faults while it prints
	vmbase_println("not printed");
}

VMBASE_MAIN(lock);
