// SPDX-License-Identifier: Apache-2.0

// C++'s operators new (Itanium C++ ABI, 5.1, External Names). They never throw and never return a null pointer:
// without memory the guest panics.

#include <vmbase/panic.h>

#include <stddef.h>
#include <stdlib.h>

// operator new(size_t), operator new[](size_t), and both with std::align_val_t
void *vmb_cxx_new(size_t size_bytes) __asm__("_Znwm");
void *vmb_cxx_new_array(size_t size_bytes) __asm__("_Znam");
void *vmb_cxx_new_aligned(size_t size_bytes, size_t alignment) __asm__("_ZnwmSt11align_val_t");
void *vmb_cxx_new_array_aligned(size_t size_bytes, size_t alignment) __asm__("_ZnamSt11align_val_t");

static void *checked(void *pointer, size_t size_bytes)
{
	if (pointer == NULL) {
		vmbase_panic("operator new: no memory for %zu bytes", size_bytes);
	}
	return pointer;
}

void *vmb_cxx_new(size_t size_bytes)
{
	return checked(malloc(size_bytes), size_bytes);
}

void *vmb_cxx_new_array(size_t size_bytes)
{
	return checked(malloc(size_bytes), size_bytes);
}

void *vmb_cxx_new_aligned(size_t size_bytes, size_t alignment)
{
	return checked(aligned_alloc(alignment, size_bytes), size_bytes);
}

void *vmb_cxx_new_array_aligned(size_t size_bytes, size_t alignment)
{
	return checked(aligned_alloc(alignment, size_bytes), size_bytes);
}
