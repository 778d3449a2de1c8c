// SPDX-License-Identifier: Apache-2.0

// getentropy() of POSIX. picolibc's arc4random() uses it.

#include <vmbase/entropy.h>

#include <errno.h>
#include <unistd.h>

// The most bytes of one call (POSIX.1-2024, getentropy()).
#define BYTES_MAX 256

__attribute__((weak)) int getentropy(void *buffer, size_t size)
{
	if (size > BYTES_MAX) {
		errno = EINVAL;
		return -1;
	}
	switch (vmbase_entropy_fill(buffer, size)) {
	case VMBASE_OK:
		return 0;
	case VMBASE_ERROR_UNSUPPORTED:
		errno = ENOSYS;
		return -1;
	default:
		errno = EIO;
		return -1;
	}
}
