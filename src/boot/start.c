// SPDX-License-Identifier: Apache-2.0

// The part of the boot that is C, as a list of steps.

#include <vmbase/power.h>

#include "../arch/interrupts.h"
#include "../console/console_driver.h"
#include "../hypervisor/hypervisor_calls.h"
#include "../libc/exit.h"
#include "../libc/stack_protector.h"
#include "../exception/early_vectors.h"
#include "../platform/platform.h"
#include "boot.h"

// Functions with __attribute__((constructor)). sections.ld sorts their addresses by priority.
extern void (*const vmb_constructors_begin[])(void);
extern void (*const vmb_constructors_end[])(void);

// The compiler inlines nothing into a function that does not return unless it is told to.
#define INLINE __attribute__((always_inline)) static inline

// An MMIO guard forbids access to the console until the hypervisor has been told of it. If the hypervisor
// refuses, nothing can be printed, and the VM ends as after a crash.
INLINE void init_console(void)
{
	if (vmb_mmio_guard_init(vmb_console_physical()) != VMBASE_OK) {
		vmb_give_up();
	}
	vmb_console_init();
}

INLINE void run_constructors(void)
{
	for (void (*const *constructor)(void) = vmb_constructors_begin; constructor < vmb_constructors_end;
	     constructor++) {
		(*constructor)();
	}
}

void vmb_start(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	vmb_hypervisor_init();
	vmb_platform_ready();
	init_console();
	// From here on these can be reported. The guest unmasks IRQs and FIQs when it has handlers for them.
	vmb_interrupts_unmask_aborts();
	vmb_stack_protector_init();
	run_constructors();
	vmb_call_main(arg0, arg1, arg2, arg3);
	vmb_run_destructors();
	vmbase_shutdown();
}
