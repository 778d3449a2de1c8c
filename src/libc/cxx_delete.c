// SPDX-License-Identifier: Apache-2.0

// C++'s operators delete (Itanium C++ ABI, 5.1, External Names). The heap knows the size and the alignment
// itself, so these parameters are ignored.

#include <stddef.h>
#include <stdlib.h>

void vmb_cxx_delete(void *pointer) __asm__("_ZdlPv");
void vmb_cxx_delete_array(void *pointer) __asm__("_ZdaPv");
void vmb_cxx_delete_sized(void *pointer, size_t size_bytes) __asm__("_ZdlPvm");
void vmb_cxx_delete_array_sized(void *pointer, size_t size_bytes) __asm__("_ZdaPvm");
void vmb_cxx_delete_aligned(void *pointer, size_t alignment) __asm__("_ZdlPvSt11align_val_t");
void vmb_cxx_delete_array_aligned(void *pointer, size_t alignment) __asm__("_ZdaPvSt11align_val_t");
void vmb_cxx_delete_sized_aligned(void *pointer, size_t size_bytes,
				  size_t alignment) __asm__("_ZdlPvmSt11align_val_t");
void vmb_cxx_delete_array_sized_aligned(void *pointer, size_t size_bytes,
					size_t alignment) __asm__("_ZdaPvmSt11align_val_t");

void vmb_cxx_delete(void *pointer)
{
	free(pointer);
}

void vmb_cxx_delete_array(void *pointer)
{
	free(pointer);
}

void vmb_cxx_delete_sized(void *pointer, size_t size_bytes)
{
	(void)size_bytes;
	free(pointer);
}

void vmb_cxx_delete_array_sized(void *pointer, size_t size_bytes)
{
	(void)size_bytes;
	free(pointer);
}

void vmb_cxx_delete_aligned(void *pointer, size_t alignment)
{
	(void)alignment;
	free(pointer);
}

void vmb_cxx_delete_array_aligned(void *pointer, size_t alignment)
{
	(void)alignment;
	free(pointer);
}

void vmb_cxx_delete_sized_aligned(void *pointer, size_t size_bytes, size_t alignment)
{
	(void)size_bytes, (void)alignment;
	free(pointer);
}

void vmb_cxx_delete_array_sized_aligned(void *pointer, size_t size_bytes, size_t alignment)
{
	(void)size_bytes, (void)alignment;
	free(pointer);
}
