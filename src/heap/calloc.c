// SPDX-License-Identifier: Apache-2.0

// calloc().

#include "heap_state.h"

#include <stdlib.h>

void *calloc(size_t nmemb, size_t size)
{
	struct heap *heap = the_heap();
	size_t size_bytes;
	void *pointer;

	if (__builtin_mul_overflow(nmemb, size, &size_bytes)) {
		return vmb_heap_fail(0);
	}
	pointer = malloc(size_bytes);
	if (pointer != NULL) {
		heap->callocs++;
		memset(pointer, 0, size_bytes);
	}
	return pointer;
}
