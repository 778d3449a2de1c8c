// SPDX-License-Identifier: Apache-2.0

// The functions for aligned memory of POSIX and of the time before C11.

#include "../base/align.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

void *memalign(size_t alignment, size_t size)
{
	return aligned_alloc(alignment, size);
}

void *valloc(size_t size)
{
	return aligned_alloc(VMB_PAGE_SIZE, size);
}

void *pvalloc(size_t size)
{
	// A size that overflows cannot be allocated; aligned_alloc() fails for it.
	return aligned_alloc(VMB_PAGE_SIZE,
			     size > SIZE_MAX - VMB_PAGE_SIZE ? size : vmb_align_up(size, VMB_PAGE_SIZE));
}

// POSIX: the error is the result, and errno does not change.
int posix_memalign(void **memptr, size_t alignment, size_t size)
{
	const int saved_errno = errno;

	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
		return EINVAL;
	}
	void *pointer = aligned_alloc(alignment, size);

	errno = saved_errno;
	if (pointer == NULL) {
		return ENOMEM;
	}
	*memptr = pointer;
	return 0;
}
