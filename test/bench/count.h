// SPDX-License-Identifier: Apache-2.0

// Counts instructions from inside the guest. Under QEMU's `-icount shift=10`, with which measure.py runs a
// guest that includes this, each instruction takes 1,024 ns of the time that CNTVCT_EL0 shows, and so the
// count is the same in every run.
//
//	uint64_t begin = count_now();
//	function_under_test();
//	count_print("name", count_between(begin, count_now()), 1);

#ifndef COUNT_H
#define COUNT_H

#include <vmbase/console.h>
#include <vmbase/power.h>

#include <stdint.h>

#define COUNT_NS_PER_INSTRUCTION UINT64_C(1024)
#define COUNT_NS_PER_S UINT64_C(1000000000)

// The reads are not moved across other accesses of memory. Code that only calculates, for example an argument
// of a call, the compiler may put on either side.
static inline uint64_t count_now(void)
{
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

// The instructions between two reads, neither of which counts. Resets the VM where time goes by otherwise
// than by instructions, so that no figure is made of it.
static inline uint64_t count_between(uint64_t begin, uint64_t end)
{
	uint64_t frequency_hz;
	uint64_t ticks_per_instruction;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency_hz));
	ticks_per_instruction = frequency_hz * COUNT_NS_PER_INSTRUCTION / COUNT_NS_PER_S;
	if (end <= begin || (end - begin) % ticks_per_instruction != 0) {
		vmbase_eprintln("this guest has to run with -icount shift=10");
		vmbase_reboot();
	}
	// The difference of two adjacent reads is one instruction: the second read.
	return (end - begin) / ticks_per_instruction - 1;
}

// Prints a figure in the way that measure.py reads: instructions per one of `calls`, rounded up.
static inline void count_print(const char *name, uint64_t instructions, uint64_t calls)
{
	vmbase_println("%s %llu instructions", name, (unsigned long long)((instructions + calls - 1) / calls));
}

#endif
