// SPDX-License-Identifier: Apache-2.0

// The backtrace has all callers at every instruction of functions of the library, of libc, and of each kind
// that the compiler makes. Software step exceptions follow each call and return. The backtrace of an
// exception in the step's handler has all callers too.

#include "../../../src/crash/backtrace.h"
#include "../support/tap.h"

#include <vmbase/console.h>
#include <vmbase/error.h>
#include <vmbase/exceptions.h>
#include <vmbase/main.h>
#include <vmbase/mmio.h>
#include <vmbase/page_table.h>
#include <vmbase/smccc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESR_EC(esr) ((esr) >> 26)
#define ESR_EC_SVC 0x15
#define ESR_EC_STEP 0x33
#define ESR_ISS_IMMEDIATE(esr) ((esr)&0xffff)
#define SVC_END 0
#define SVC_BEGIN 1
#define SVC_NESTED 2
#define SPSR_SS (UINT64_C(1) << 21)
#define MDSCR_SS UINT64_C(1)
#define MDSCR_KDE (UINT64_C(1) << 13)

#define IS_BL(word) (((word)&UINT32_C(0xfc000000)) == UINT32_C(0x94000000))
#define IS_BLR(word) (((word)&UINT32_C(0xfffffc1f)) == UINT32_C(0xd63f0000))
#define IS_RET(word) (((word)&UINT32_C(0xfffffc1f)) == UINT32_C(0xd65f0000))

#define DEPTH_MAX 32
#define INSTRUCTION_BYTES 4
#define WRONG_SHOWN_MAX 5

static uint64_t callers[DEPTH_MAX]; // the outermost first
static unsigned int depth, deepest;
static uint64_t last;
static unsigned int steps, wrong_steps;

static uint32_t instruction_at(uint64_t address)
{
	return *(const uint32_t *)address;
}

static void follow(uint64_t elr)
{
	const uint32_t word = last != 0 ? instruction_at(last) : 0;

	if ((IS_BL(word) || IS_BLR(word)) && depth < DEPTH_MAX) {
		callers[depth++] = last + INSTRUCTION_BYTES;
		deepest = depth > deepest ? depth : deepest;
	} else if (IS_RET(word) && depth > 0 && callers[depth - 1] == elr) {
		depth--;
	}
	last = elr;
}

static size_t trace(const struct vmbase_exception_frame *frame, uintptr_t *addresses)
{
	return vmb_backtrace(frame, vmbase_layout_exception_stack(), vmbase_layout_main_stack(), addresses,
			     DEPTH_MAX);
}

static bool are_callers(const uintptr_t *addresses, size_t count)
{
	bool is_right = count >= depth;

	for (unsigned int i = 0; i < depth && is_right; i++) {
		is_right = addresses[i] == callers[depth - 1 - i];
	}
	return is_right;
}

static void compare(const struct vmbase_exception_frame *frame, const char *where, const uintptr_t *addresses,
		    size_t count)
{
	steps++;
	if (!are_callers(addresses, count) && wrong_steps++ < WRONG_SHOWN_MAX) {
		vmbase_eprintln("# %s %llx: %llx, %llx instead of %llx, %llx", where,
				(unsigned long long)frame->elr,
				(unsigned long long)(count > 0 ? addresses[0] : 0),
				(unsigned long long)(count > 1 ? addresses[1] : 0),
				(unsigned long long)callers[depth - 1],
				(unsigned long long)(depth > 1 ? callers[depth - 2] : 0));
	}
}

static uintptr_t nested[DEPTH_MAX];
static size_t nested_count;

static void compare_both(const struct vmbase_exception_frame *frame)
{
	uintptr_t addresses[DEPTH_MAX];
	size_t i = 0;

	compare(frame, "at", addresses, trace(frame, addresses));
	__asm__ volatile("svc %0" : : "i"(SVC_NESTED) : "memory");
	while (i < nested_count && nested[i] != frame->elr) {
		i++;
	}
	i = i < nested_count ? i + 1 : i;
	compare(frame, "in the handler, at", nested + i, nested_count - i);
}

static void set_stepping(struct vmbase_exception_frame *frame, bool is_on)
{
	const uint64_t mdscr = is_on ? MDSCR_SS | MDSCR_KDE : 0;

	__asm__ volatile("msr oslar_el1, xzr\n\t"
			 "msr mdscr_el1, %0\n\t"
			 "isb"
			 :
			 : "r"(mdscr)
			 : "memory");
	frame->spsr = is_on ? frame->spsr | SPSR_SS : frame->spsr & ~SPSR_SS;
}

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	switch (ESR_EC(frame->esr)) {
	case ESR_EC_SVC:
		if (ESR_ISS_IMMEDIATE(frame->esr) == SVC_NESTED) {
			nested_count = trace(frame, nested);
			break;
		}
		last = 0;
		set_stepping(frame, ESR_ISS_IMMEDIATE(frame->esr) == SVC_BEGIN);
		break;
	case ESR_EC_STEP:
		follow(frame->elr);
		if (depth > 0) {
			compare_both(frame);
		}
		set_stepping(frame, true);
		break;
	default:
		vmbase_exception_report("sync_exception_current", frame);
	}
}

static char text[200];
static volatile uint32_t word = 7;
static volatile size_t size = 100;
static uint64_t sum;

static void test_memory(void)
{
	memset(text, 'x', size);
	memcpy(text + 1, text, size / 2);
	memmove(text + 2, text, size);
	sum += (uint64_t)memcmp(text, text + 3, size / 3);
	sum += vmbase_mmio_read32((uintptr_t)&word);
	vmbase_mmio_write32((uintptr_t)&word, 8);
}

static void test_strings(void)
{
	text[size] = '\0';
	sum += strlen(text);
	sum += (uint64_t)strcmp(text, "xy");
	sum += strchr(text, 'y') != NULL;
	sum += strtoul("12345", NULL, (int)size / 10);
	strncpy(text + 100, "some text", 50);
}

static void test_printf(void)
{
	sum += (uint64_t)snprintf(text, sizeof(text), "%d %s %llx %-5c", (int)size, "text",
				  (unsigned long long)size << 40, 'c');
}

static int compare_bytes(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

static void test_callback(void)
{
	qsort(text, 10, 1, compare_bytes);
}

static void test_library(void)
{
	// Takes no lock: a step would break each exclusive access, and the lock would never be taken.
	vmbase_eprintln("# %d", (int)size);
	sum += (uint64_t)vmbase_error_name(VMBASE_ERROR_BUSY)[0];
	sum += vmbase_smccc_call(UINT32_C(0x84000000), 0, 0, 0).x[0];
}

// Functions without a frame record, with code before the frame record, and with several exits.
__attribute__((noinline)) static uint64_t leaf(uint64_t a)
{
	return a * 3 + 1;
}

__attribute__((noinline)) static uint64_t shrink_wrapped(uint64_t a)
{
	if (a == 0) {
		return 1;
	}
	return leaf(a) + leaf(a + 1);
}

__attribute__((noinline)) static uint64_t tail_call(uint64_t a)
{
	return a > 5 ? leaf(a - 1) : shrink_wrapped(a);
}

__attribute__((noinline)) static uint64_t large_frame(uint64_t a)
{
	volatile char large[3000];

	large[a] = (char)a;
	return leaf(a) + (uint64_t)large[a];
}

__attribute__((noinline)) static uint64_t by_table(uint64_t a)
{
	switch (a) {
	case 0:
		return leaf(4);
	case 1:
		return a * size;
	case 2:
		return leaf(size) + 2;
	case 3:
		return size - 1;
	case 4:
		return leaf(a) + leaf(size);
	case 5:
		return word;
	default:
		return 0;
	}
}

static void test_compiler(void)
{
	sum += shrink_wrapped(0) + shrink_wrapped(1) + tail_call(9) + tail_call(2) + large_frame(100);
	for (uint64_t i = 0; i < 7; i++) {
		sum += by_table(i);
	}
}

static void test(void (*function)(void), const char *name)
{
	depth = 0;
	deepest = 0;
	steps = 0;
	wrong_steps = 0;
	__asm__ volatile("svc %0" : : "i"(SVC_BEGIN) : "memory");
	function();
	__asm__ volatile("svc %0" : : "i"(SVC_END) : "memory");
	vmbase_println("# %s: %u of %u backtraces are wrong, at most %u callers", name, wrong_steps, steps,
		       deepest);
	tap_ok(steps > 100 && deepest >= 1 && wrong_steps == 0, name);
}

static void backtrace_steps(void)
{
	test(test_memory, "memory functions and accessors");
	test(test_strings, "strings");
	test(test_printf, "printf");
	test(test_callback, "a callback");
	test(test_library, "the library");
	test(test_compiler, "frames of the compiler");
	tap_done();
}

VMBASE_MAIN(backtrace_steps);
