// SPDX-License-Identifier: Apache-2.0

// The guards of C++'s function-local statics (Itanium C++ ABI, 3.3.3, One-time Construction API). A guard has
// eight bytes. The first byte tells that the variable is initialised; compiled code checks this byte before it
// calls. The second byte is vmbase's: the initialisation has begun.

#include <vmbase/panic.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct guard {
	atomic_uchar is_initialised;
	atomic_uchar is_begun;
};

int vmb_cxx_guard_acquire(struct guard *guard) __asm__("__cxa_guard_acquire");
void vmb_cxx_guard_release(struct guard *guard) __asm__("__cxa_guard_release");

// Returns 1 if the caller must initialise the variable. Never waits: the initialisation can only have been
// begun by the caller itself or by the code that the caller interrupted.
int vmb_cxx_guard_acquire(struct guard *guard)
{
	// The order matters: a handler may run between the two accesses and complete the initialisation.
	const bool was_begun = atomic_exchange_explicit(&guard->is_begun, 1, memory_order_acquire) != 0;

	if (!was_begun) {
		return 1;
	}
	if (atomic_load_explicit(&guard->is_initialised, memory_order_acquire) == 0) {
		vmbase_panic("C++: a static variable is used during its own initialisation");
	}
	return 0;
}

void vmb_cxx_guard_release(struct guard *guard)
{
	atomic_store_explicit(&guard->is_initialised, 1, memory_order_release);
}
