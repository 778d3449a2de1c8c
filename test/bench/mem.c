// SPDX-License-Identifier: Apache-2.0

// What a call of memcpy, memmove, memset and memcmp costs, from the function's first instruction to its
// return, that included.

#include "count.h"

#include <vmbase/main.h>

#include <stdio.h>
#include <string.h>

#define LARGEST 65536

// As an allocator or a page would give them.
static _Alignas(64) unsigned char destination[2 * LARGEST];
static _Alignas(64) unsigned char source[LARGEST];

static const size_t sizes[] = { 8, 64, 256, 4096, LARGEST };

// Calls function(first, second, size). Nothing but the call is between the two reads.
static uint64_t count_call(const void *function, void *first, uint64_t second, size_t size)
{
	register uint64_t x0 __asm__("x0") = (uintptr_t)first;
	register uint64_t x1 __asm__("x1") = second;
	register uint64_t x2 __asm__("x2") = size;
	uint64_t begin;
	uint64_t end;

	__asm__ volatile("mrs %[begin], cntvct_el0\n\t"
			 "blr %[function]\n\t"
			 "mrs %[end], cntvct_el0"
			 : [begin] "=&r"(begin), [end] "=r"(end), "+r"(x0), "+r"(x1), "+r"(x2)
			 : [function] "r"(function)
			 : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
			   "x16", "x17", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17",
			   "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29",
			   "v30", "v31", "cc", "memory");
	return count_between(begin, end) - 1;
}

static void report(const char *function, size_t size, uint64_t instructions)
{
	char name[32];

	snprintf(name, sizeof(name), "%s.%zu", function, size);
	count_print(name, instructions, 1);
}

static void mem(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];
		uint64_t from = (uintptr_t)source;

		report("memcpy", size, count_call((const void *)memcpy, destination, from, size));
		// Seven eighths of the ranges overlap.
		report("memmove", size,
		       count_call((const void *)memmove, destination + size / 8, (uintptr_t)destination, size));
		report("memset", size, count_call((const void *)memset, destination, 0, size));
		memset(destination, 0, size);
		memset(source, 0, size);
		report("memcmp", size, count_call((const void *)memcmp, destination, from, size));
	}
}

VMBASE_MAIN(mem);
