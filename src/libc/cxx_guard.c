// SPDX-License-Identifier: Apache-2.0

// The guards of C++'s function-local statics (Itanium C++ ABI, 3.3.3, One-time Construction API). Of a guard's
// eight bytes the first one says that the variable is initialised, which the compiler looks at itself before it
// calls; the second one is ours: somebody has begun.

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

// Whether the caller is to initialise the variable. There is nobody to wait for: who has begun is the caller
// itself, or what the caller has interrupted.
int vmb_cxx_guard_acquire(struct guard *guard)
{
	// In this order: a handler may come in between and do all of it.
	const bool was_begun = atomic_exchange_explicit(&guard->is_begun, 1, memory_order_acquire) != 0;

	if (!was_begun) {
		return 1;
	}
	if (atomic_load_explicit(&guard->is_initialised, memory_order_acquire) == 0) {
		vmbase_panic("C++: a static variable is used while it is being initialised");
	}
	return 0;
}

void vmb_cxx_guard_release(struct guard *guard)
{
	atomic_store_explicit(&guard->is_initialised, 1, memory_order_release);
}
