// SPDX-License-Identifier: Apache-2.0

// Each function that sets errno does so, also if the compiler treats the function as a builtin. Compiled for
// size and for speed, with and without link-time optimization.

#include "../support/tap.h"

#include <vmbase/heap.h>
#include <vmbase/main.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

VMBASE_HEAP(64 * 1024);

#define TOO_LARGE (1024 * 1024)
#define BEFORE 4711 // not an error number

// The cases use the result in different ways, or not at all; errno must be the same.

static void check(const char *name, bool failed, int error, int expected)
{
	tap_ok(failed && error == expected, name);
	if (error != expected) {
		vmbase_println("# errno %d, not %d", error, expected);
	}
}

#define CASE(call, failed, expected)                                                                           \
	do {                                                                                                   \
		errno = BEFORE;                                                                                \
		const __typeof__(call) result = call;                                                          \
		const int error = errno;                                                                       \
		check(#call, failed, error, expected);                                                         \
	} while (0)

// The memory is not used and freed at once.
#define UNUSED_CASE(call)                                                                                      \
	do {                                                                                                   \
		errno = BEFORE;                                                                                \
		free(call);                                                                                    \
		check("free(" #call ")", true, errno, ENOMEM);                                                 \
	} while (0)

// The compiler optimises calls with constants most.
static void allocate_constants(void)
{
	void *kept = malloc(100);

	CASE(malloc(TOO_LARGE), result == NULL, ENOMEM);
	CASE(malloc(SIZE_MAX), result == NULL, ENOMEM);
	CASE(calloc(TOO_LARGE, 2), result == NULL, ENOMEM);
	CASE(calloc(SIZE_MAX, 2), result == NULL, ENOMEM);
	CASE(realloc(kept, TOO_LARGE), result == NULL, ENOMEM);
	CASE(realloc(NULL, TOO_LARGE), result == NULL, ENOMEM);
	CASE(aligned_alloc(4096, TOO_LARGE), result == NULL, ENOMEM);
	CASE(reallocarray(kept, SIZE_MAX, 2), result == NULL, ENOMEM);
	CASE(malloc(100), result != NULL, BEFORE);
	UNUSED_CASE(malloc(TOO_LARGE));
	UNUSED_CASE(malloc(SIZE_MAX));
	UNUSED_CASE(calloc(TOO_LARGE, 2));
	UNUSED_CASE(realloc(NULL, TOO_LARGE));
	UNUSED_CASE(aligned_alloc(4096, TOO_LARGE));
	free(kept);
}

// clang always treats valloc() as a builtin: if the memory is not used, it makes no call.
static void *opaque(void *pointer)
{
	__asm__("" : "+r"(pointer));
	return pointer;
}

static void allocate_variables(void)
{
	static volatile size_t size = TOO_LARGE;
	static volatile size_t alignment = 24;

	CASE(malloc(size), result == NULL, ENOMEM);
	CASE(calloc(size, size), result == NULL, ENOMEM);
	CASE(realloc(NULL, size), result == NULL, ENOMEM);
	CASE(aligned_alloc(alignment, 1), result == NULL, EINVAL);
	CASE(opaque(valloc(size)), result == NULL, ENOMEM);
	CASE(pvalloc(size), result == NULL, ENOMEM);
	CASE(memalign(alignment, 1), result == NULL, EINVAL);
	CASE(reallocf(malloc(1), size), result == NULL, ENOMEM);
	CASE(reallocarray(NULL, size, size), result == NULL, ENOMEM);
	UNUSED_CASE(malloc(size));
	UNUSED_CASE(memalign(64, size));
}

static void copy_strings(void)
{
	static char large[TOO_LARGE];

	memset(large, 'x', sizeof(large) - 1);
	CASE(strdup(large), result == NULL, ENOMEM);
	CASE(strndup(large, TOO_LARGE - 1), result == NULL, ENOMEM);
	UNUSED_CASE(strdup(large));
	UNUSED_CASE(strndup(large, TOO_LARGE - 1));
}

static void convert(void)
{
	char *end;

	CASE(strtol("99999999999999999999", &end, 10), result == LONG_MAX && *end == '\0', ERANGE);
	CASE(strtol("-99999999999999999999", NULL, 10), result == LONG_MIN, ERANGE);
	CASE(strtoul("99999999999999999999", NULL, 10), result == ULONG_MAX, ERANGE);
	CASE(strtoll("99999999999999999999", NULL, 10), result == LLONG_MAX, ERANGE);
	CASE(strtoull("99999999999999999999", NULL, 10), result == ULLONG_MAX, ERANGE);
	CASE(strtoimax("99999999999999999999", NULL, 10), result == INTMAX_MAX, ERANGE);
	CASE(strtoumax("99999999999999999999", NULL, 10), result == UINTMAX_MAX, ERANGE);
	CASE(strtol("12", NULL, 10), result == 12, BEFORE);
}

static void convert_wide(void)
{
	mbstate_t state = { 0 };
	char bytes[16];

	CASE(wcstol(L"99999999999999999999", NULL, 10), result == LONG_MAX, ERANGE);
	CASE(wcrtomb(bytes, (wchar_t)0x7fffffff, &state), result == (size_t)-1, EILSEQ);
}

// errno keeps its value across calls, and can be read and written through its address.
static void keep(void)
{
	int *const location = &errno;

	errno = EDOM;
	tap_ok(*location == EDOM && location == &errno, "errno is an object");
	*location = ERANGE;
	tap_ok(errno == ERANGE, "errno is written through its address");
	strerror(EDOM);
	tap_ok(errno == ERANGE, "errno is unchanged if nothing fails");
}

static void run(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	allocate_constants();
	allocate_variables();
	copy_strings();
	convert();
	convert_wide();
	keep();
	tap_done();
}

VMBASE_MAIN(run);
