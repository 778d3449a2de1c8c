// SPDX-License-Identifier: Apache-2.0

// Time since the start of the VM, by the CPU's counter. No clock knows the date: functions that return the date
// fail.

#include "../arch/counter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000U
#define US_PER_SECOND 1000000U
#define NS_PER_US 1000U

static int fail(int error)
{
	errno = error;
	return -1;
}

// Converts a count of the counter to units of which `units` are a second. Cannot overflow: the frequency and
// `units` are below 2^32.
static uint64_t scale(uint64_t count, uint32_t frequency, uint32_t units)
{
	return count / frequency * units + count % frequency * units / frequency;
}

__attribute__((weak)) int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	uint32_t frequency = vmb_counter_frequency_hz();
	uint64_t count;

	if (clock_id != CLOCK_MONOTONIC || frequency == 0) {
		return fail(EINVAL);
	}
	count = vmb_counter_read();
	tp->tv_sec = (time_t)(count / frequency);
	tp->tv_nsec = (long)scale(count % frequency, frequency, NS_PER_SECOND);
	return 0;
}

__attribute__((weak)) int clock_getres(clockid_t clock_id, struct timespec *res)
{
	uint32_t frequency = vmb_counter_frequency_hz();

	if (clock_id != CLOCK_MONOTONIC || frequency == 0) {
		return fail(EINVAL);
	}
	if (res != NULL) {
		res->tv_sec = frequency == 1 ? 1 : 0;
		res->tv_nsec =
			frequency == 1 ? 0 : (long)((NS_PER_SECOND + frequency - UINT64_C(1)) / frequency);
	}
	return 0;
}

// All time since the start counts as the program's own time.
__attribute__((weak)) clock_t times(struct tms *buffer)
{
	uint32_t frequency = vmb_counter_frequency_hz();
	clock_t ticks;

	if (frequency == 0) {
		return (clock_t)fail(ENOSYS);
	}
	ticks = (clock_t)scale(vmb_counter_read(), frequency, CLOCKS_PER_SEC);
	*buffer = (struct tms){ .tms_utime = ticks };
	return ticks;
}

__attribute__((weak)) int gettimeofday(struct timeval *restrict p, void *restrict tz)
{
	(void)p, (void)tz;
	return fail(ENOSYS);
}

// Polls the counter: no interrupt would wake a sleeping CPU.
__attribute__((weak)) int nanosleep(const struct timespec *rqtp, struct timespec *rmtp)
{
	uint32_t frequency = vmb_counter_frequency_hz();
	uint64_t begin = vmb_counter_read();
	uint64_t seconds;
	uint64_t rest;

	(void)rmtp; // written only if a signal interrupts the sleep
	if (rqtp->tv_sec < 0 || rqtp->tv_nsec < 0 || rqtp->tv_nsec >= (long)NS_PER_SECOND) {
		return fail(EINVAL);
	}
	if (frequency == 0) {
		return fail(ENOSYS);
	}
	seconds = (uint64_t)rqtp->tv_sec;
	// Round up: sleep at least this long.
	rest = ((uint64_t)rqtp->tv_nsec * frequency + NS_PER_SECOND - 1) / NS_PER_SECOND;
	for (;;) {
		uint64_t passed = vmb_counter_read() - begin;

		if (passed / frequency > seconds ||
		    (passed / frequency == seconds && passed % frequency >= rest)) {
			return 0;
		}
	}
}

__attribute__((weak)) int usleep(useconds_t useconds)
{
	const struct timespec duration = {
		.tv_sec = (time_t)(useconds / US_PER_SECOND),
		.tv_nsec = (long)(useconds % US_PER_SECOND * NS_PER_US),
	};

	return nanosleep(&duration, NULL);
}

// Returns the seconds that were not slept: 0, or all of them after an error.
__attribute__((weak)) unsigned int sleep(unsigned int seconds)
{
	const struct timespec duration = { .tv_sec = (time_t)seconds };

	return nanosleep(&duration, NULL) == 0 ? 0 : seconds;
}
