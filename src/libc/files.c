// SPDX-License-Identifier: Apache-2.0

// POSIX's functions for files, which picolibc's fopen() and other stdio functions use. The descriptors 0, 1 and
// 2 are the console. There is no file system: every path gives ENOENT.

#include "../console/console_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Has a bit set for each open descriptor.
static unsigned int open_files = 1U << STDIN_FILENO | 1U << STDOUT_FILENO | 1U << STDERR_FILENO;

static int fail(int error)
{
	errno = error;
	return -1;
}

static bool is_open(int file)
{
	return file >= STDIN_FILENO && file <= STDERR_FILENO && (open_files >> file & 1) != 0;
}

__attribute__((weak)) int open(const char *path, int flags, ...)
{
	(void)path, (void)flags;
	return fail(ENOENT);
}

__attribute__((weak)) int close(int fildes)
{
	if (!is_open(fildes)) {
		return fail(EBADF);
	}
	open_files &= ~(1U << fildes);
	return 0;
}

// Waits for a byte, then also takes the bytes that have already been received, up to the end of a line.
__attribute__((weak)) ssize_t read(int fd, void *buf, size_t nbyte)
{
	char *bytes = buf;
	size_t done = 0;

	if (!is_open(fd)) {
		return fail(EBADF);
	}
	if (nbyte > PTRDIFF_MAX) {
		return fail(EINVAL);
	}
	while (done < nbyte) {
		int byte = done == 0 ? vmb_console_wait_char() : vmb_console_take_char();

		if (byte < 0) {
			break;
		}
		bytes[done++] = (char)byte;
		if (byte == '\n') {
			break;
		}
	}
	return (ssize_t)done;
}

__attribute__((weak)) ssize_t write(int fd, const void *buf, size_t nbyte)
{
	const char *bytes = buf;
	bool locked;

	if (!is_open(fd)) {
		return fail(EBADF);
	}
	if (nbyte > PTRDIFF_MAX) {
		return fail(EINVAL);
	}
	locked = vmb_console_lock();
	for (size_t i = 0; i < nbyte; i++) {
		vmb_console_write_byte(bytes[i]);
	}
	vmb_console_unlock(locked);
	return (ssize_t)nbyte;
}

__attribute__((weak)) off_t lseek(int fildes, off_t offset, int whence)
{
	(void)offset, (void)whence;
	return fail(is_open(fildes) ? ESPIPE : EBADF);
}

__attribute__((weak)) int isatty(int fildes)
{
	if (!is_open(fildes)) {
		errno = EBADF;
		return 0;
	}
	return 1;
}

__attribute__((weak)) int fstat(int fd, struct stat *sbuf)
{
	if (!is_open(fd)) {
		return fail(EBADF);
	}
	memset(sbuf, 0, sizeof(*sbuf));
	sbuf->st_mode = S_IFCHR | S_IRUSR | S_IWUSR;
	sbuf->st_nlink = 1;
	return 0;
}

__attribute__((weak)) int stat(const char *restrict path, struct stat *restrict sbuf)
{
	(void)path, (void)sbuf;
	return fail(ENOENT);
}

__attribute__((weak)) int access(const char *path, int amode)
{
	(void)path, (void)amode;
	return fail(ENOENT);
}

__attribute__((weak)) int mkdir(const char *path, mode_t mode)
{
	(void)path, (void)mode;
	return fail(ENOENT);
}

__attribute__((weak)) int rmdir(const char *path)
{
	(void)path;
	return fail(ENOENT);
}

__attribute__((weak)) int unlink(const char *path)
{
	(void)path;
	return fail(ENOENT);
}

__attribute__((weak)) int rename(const char *oldpath, const char *newpath)
{
	(void)oldpath, (void)newpath;
	return fail(ENOENT);
}
