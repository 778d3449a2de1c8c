// SPDX-License-Identifier: Apache-2.0

// Results of POSIX functions in a guest: there is a console and one process, and no file system and no wall
// clock.

#include "../support/tap.h"

#include <vmbase/main.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

// Whether a call failed with this error.
#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))

static void use_files(void)
{
	struct stat status;
	char byte;

	tap_ok(FAILS(open("/a", O_RDONLY), ENOENT) && FAILS(open("a", O_RDWR | O_CREAT, 0666), ENOENT), "open");
	tap_ok(FAILS(close(3), EBADF) && FAILS(close(-1), EBADF), "close");
	tap_ok(FAILS(read(3, &byte, 1), EBADF) && FAILS(write(-1, &byte, 1), EBADF), "read, write");
	tap_ok(write(1, "# written\n", 10) == 10 && write(2, "", 0) == 0, "write to the console");
	tap_ok(FAILS(write(1, &byte, SIZE_MAX), EINVAL) && FAILS(read(0, &byte, SIZE_MAX), EINVAL),
	       "read and write of SIZE_MAX bytes");
	tap_ok(FAILS(lseek(1, 0, SEEK_SET), ESPIPE) && FAILS(lseek(4, 0, SEEK_END), EBADF), "lseek");
	tap_ok(FAILS(unlink("a"), ENOENT) && FAILS(rename("a", "b"), ENOENT) &&
		       FAILS(access("a", R_OK), ENOENT) && FAILS(mkdir("a", 0777), ENOENT) &&
		       FAILS(rmdir("a"), ENOENT) && FAILS(stat("a", &status), ENOENT),
	       "functions with paths");
	tap_ok(isatty(0) && isatty(1) && isatty(2) && !isatty(3) && errno == EBADF, "isatty");
	tap_ok(fstat(1, &status) == 0 && S_ISCHR(status.st_mode) && FAILS(fstat(3, &status), EBADF), "fstat");
	errno = 0;
	tap_ok(fopen("a", "r") == NULL && errno == ENOENT, "fopen");
	tap_ok(remove("a") != 0 && tmpfile() == NULL, "remove, tmpfile");
	tap_ok(close(2) == 0 && FAILS(write(2, "# not written\n", 14), EBADF) && !isatty(2) &&
		       FAILS(close(2), EBADF),
	       "a closed descriptor");
}

static void tell_time(void)
{
	const struct timespec wait = { .tv_nsec = 20 * 1000 * 1000 };
	struct timespec begin;
	struct timespec end;
	struct timeval wall;
	struct tms used;
	int64_t passed_ns;
	clock_t ticks;

	tap_ok(FAILS(gettimeofday(&wall, NULL), ENOSYS), "gettimeofday: there is no wall clock");
	tap_ok(time(NULL) == (time_t)-1, "time");
	tap_ok(FAILS(clock_gettime(CLOCK_REALTIME, &begin), EINVAL), "CLOCK_REALTIME");
	tap_ok(clock_getres(CLOCK_MONOTONIC, &begin) == 0 && begin.tv_sec == 0 && begin.tv_nsec > 0 &&
		       begin.tv_nsec < 1000 * 1000,
	       "clock_getres");
	ticks = clock();
	if (clock_gettime(CLOCK_MONOTONIC, &begin) != 0 || nanosleep(&wait, NULL) != 0 ||
	    clock_gettime(CLOCK_MONOTONIC, &end) != 0) {
		tap_ok(false, "CLOCK_MONOTONIC");
		return;
	}
	passed_ns = (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec;
	vmbase_println("# %lld ns passed in a sleep of 20 ms", (long long)passed_ns);
	tap_ok(passed_ns >= wait.tv_nsec && begin.tv_nsec < 1000000000 && end.tv_nsec < 1000000000,
	       "CLOCK_MONOTONIC, nanosleep");
	tap_ok(usleep(10 * 1000) == 0 && sleep(0) == 0, "usleep, sleep");
	// At least two ticks in 20 and 10 ms.
	tap_ok(CLOCKS_PER_SEC == 100 && clock() >= ticks + 2 && times(&used) >= ticks + 2 &&
		       used.tms_utime >= ticks + 2,
	       "clock, times");
	tap_ok(FAILS(nanosleep(&(struct timespec){ .tv_nsec = -1 }, NULL), EINVAL) &&
		       FAILS(nanosleep(&(struct timespec){ .tv_nsec = 1000000000 }, NULL), EINVAL) &&
		       FAILS(nanosleep(&(struct timespec){ .tv_sec = -1 }, NULL), EINVAL),
	       "invalid durations");
}

static void get_random(void)
{
	unsigned char bytes[257] = { 0 };
	const unsigned char zeros[64] = { 0 };

	tap_ok(FAILS(getentropy(bytes, 257), EINVAL), "getentropy of more than 256 bytes");
	// A Cortex-A53 in QEMU has no source of entropy: the call must fail.
	errno = 0;
	if (getentropy(bytes, 64) == 0) {
		tap_ok(memcmp(bytes, zeros, 64) != 0, "getentropy");
	} else {
		tap_ok(errno == ENOSYS, "getentropy: there is no entropy");
	}
}

static void guest(void)
{
	use_files();
	tell_time();
	get_random();
	tap_ok(getpid() > 0, "getpid");
	tap_done();
}

VMBASE_MAIN(guest);
