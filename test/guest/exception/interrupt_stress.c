// SPDX-License-Identifier: Apache-2.0

// Interrupts at every instruction of an exception whose handler unmasks interrupts, of the tracker's calls,
// and of the calls that suppress and restore the log. QEMU's -icount shift=10 makes the timer exact: every
// run is the same.

#include "frame.h"
#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/layout.h>
#include <vmbase/log.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>
#include <vmbase/mmio.h>

#define GICD UINT64_C(0x08000000)
#define GICD_CTLR 0x000
#define GICD_ISENABLER 0x100
#define GICC UINT64_C(0x08010000)
#define GICC_CTLR 0x00
#define GICC_PMR 0x04
#define GICC_IAR 0x0c
#define GICC_EOIR 0x10
#define GIC_BYTES UINT64_C(0x20000)

#define TIMER_PPI 27
#define TIMER_ON UINT64_C(1)
#define TIMER_OFF UINT64_C(0)
#define TICKS_PER_INSTRUCTION 64

#define ESR_EC(esr) ((esr) >> 26)
#define ESR_EC_SVC 0x15
#define DAIF_IRQ_MASKED UINT64_C(0x80)

#define INSTRUCTION_BYTES 4
#define VECTOR_INSTRUCTIONS 512
// The instructions of svc_with_registers() and of the exception.
#define SVC_INSTRUCTIONS 400
// More than the instructions of a log call and between set_timer() and the call.
#define LOG_INSTRUCTIONS 100
#define NESTED_INTERRUPTS_MAX 5
#define WAIT_ROUNDS 100000

// The vectors. At least this number of their instructions, which restore registers, can be interrupted.
extern const char vmb_vectors[];
#define INTERRUPTIBLE_VECTOR_INSTRUCTIONS_MIN 10

#define PAGE UINT64_C(0x1000)

VMBASE_TABLE_POOL(tables, 64);

static struct vmbase_range data_range, handlers_range;
static volatile unsigned int interrupts;
static volatile unsigned int interrupts_left;
static volatile unsigned int unexpected_errors;
static unsigned int handler_calls_done;
static volatile bool uses_tracker;
static void (*volatile log_call)(void); // called by the handler
static bool is_interrupted[VECTOR_INSTRUCTIONS];
static uint64_t random_state = 1;

static uint64_t read_daif(void)
{
	uint64_t daif;

	__asm__ volatile("mrs %0, daif" : "=r"(daif));
	return daif;
}

static uint64_t read_counter(void)
{
	uint64_t count;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count));
	return count;
}

static void unmask_irq(void)
{
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

static void mask_irq(void)
{
	__asm__ volatile("msr daifset, #2" : : : "memory");
}

static void set_timer(uint64_t control, uint64_t instructions)
{
	__asm__ volatile("msr cntv_tval_el0, %0\n\t"
			 "msr cntv_ctl_el0, %1\n\t"
			 "isb"
			 :
			 : "r"(instructions * TICKS_PER_INSTRUCTION), "r"(control)
			 : "memory");
}

static uint64_t random_below(uint64_t bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (random_state >> 33) % bound;
}

static void expect(enum vmbase_error error, enum vmbase_error wanted)
{
	if (error != wanted) {
		unexpected_errors = unexpected_errors + 1;
	}
}

static void use_tracker(void)
{
	enum vmbase_error error = vmbase_tracker_map(handlers_range, VMBASE_TRACKER_DATA_NOFLUSH);

	if (error != VMBASE_ERROR_BUSY) {
		expect(error, VMBASE_OK);
		expect(vmbase_tracker_unmap(handlers_range), VMBASE_OK);
		handler_calls_done++;
	}
}

void irq_current(struct vmbase_exception_frame *frame)
{
	const uint64_t instruction = (frame->elr - (uintptr_t)vmb_vectors) / INSTRUCTION_BYTES;
	const uint32_t acknowledged = vmbase_mmio_read32(GICC + GICC_IAR);

	set_timer(TIMER_OFF, 0);
	vmbase_mmio_write32(GICC + GICC_EOIR, acknowledged);
	interrupts = interrupts + 1;
	if (instruction < VECTOR_INSTRUCTIONS) {
		is_interrupted[instruction] = true;
	}
	if (uses_tracker) {
		use_tracker();
	}
	if (log_call != NULL) {
		log_call();
	}
	if (interrupts_left > 0) {
		interrupts_left = interrupts_left - 1;
		set_timer(TIMER_ON, 1 + random_below(SVC_INSTRUCTIONS / 2));
		spoil_simd_registers();
		unmask_irq();
	}
}

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	if (ESR_EC(frame->esr) == ESR_EC_SVC) {
		spoil_simd_registers();
		unmask_irq();
	} else if (vmbase_tracker_handle_exception(frame) != VMBASE_OK) {
		vmbase_exception_report("sync_exception_current", frame);
	}
}

static void start_gic(void)
{
	vmbase_mmio_write32(GICD + GICD_CTLR, 1);
	vmbase_mmio_write32(GICD + GICD_ISENABLER, UINT32_C(1) << TIMER_PPI);
	vmbase_mmio_write32(GICC + GICC_PMR, 0xff);
	vmbase_mmio_write32(GICC + GICC_CTLR, 1);
}

// Waits for the pending interrupt. Returns whether it arrived.
static bool wait_for_interrupt(unsigned int before)
{
	unmask_irq();
	for (int i = 0; i < WAIT_ROUNDS && (interrupts == before || interrupts_left > 0); i++) {
	}
	mask_irq();
	return interrupts > before;
}

static bool is_svc_right(const struct registers *before, const struct registers *after)
{
	return memcmp(before->x, after->x, sizeof(before->x)) == 0 &&
	       memcmp(before->q, after->q, sizeof(before->q)) == 0 && before->fpcr == after->fpcr &&
	       before->fpsr == after->fpsr && after->sp == after->sp_before && after->skipped == 0 &&
	       after->nzcv == 0;
}

// Interrupts an SVC and its handler after each number of instructions. The interrupts are interrupted too.
static void test_svc(bool is_masked, unsigned int nested, const char *name, const char *daif_name)
{
	bool is_right = true;
	bool is_daif_right = true;
	struct registers before, after;

	fill_registers(&before);
	for (uint64_t instructions = 1; instructions <= SVC_INSTRUCTIONS; instructions++) {
		const unsigned int interrupts_before = interrupts;

		interrupts_left = nested;
		if (!is_masked) {
			unmask_irq();
		}
		set_timer(TIMER_ON, instructions);
		svc_with_registers(&before, &after);
		is_daif_right = is_daif_right && ((read_daif() & DAIF_IRQ_MASKED) != 0) == is_masked;
		is_right = is_right && is_svc_right(&before, &after);
		is_right = is_right && wait_for_interrupt(interrupts_before);
	}
	tap_ok(is_right, name);
	tap_ok(is_daif_right, daif_name);
}

static void flush(void)
{
	expect(vmbase_tracker_flush(), VMBASE_OK);
}

static void map_and_unmap(void)
{
	expect(vmbase_tracker_map(data_range, VMBASE_TRACKER_DATA), VMBASE_OK);
	expect(vmbase_tracker_unmap(data_range), VMBASE_OK);
}

// Interrupts the tracker's calls after each number of instructions. The handler uses the tracker too.
static void test_tracker(void (*call)(void), const char *name)
{
	const uint64_t begin = read_counter();
	bool is_right = true;

	call();
	const uint64_t instructions_max = (read_counter() - begin) / TICKS_PER_INSTRUCTION;

	handler_calls_done = 0;
	uses_tracker = true;
	for (uint64_t instructions = 1; instructions <= instructions_max && is_right; instructions++) {
		const unsigned int interrupts_before = interrupts;

		set_timer(TIMER_ON, instructions);
		unmask_irq();
		call();
		is_right = (read_daif() & DAIF_IRQ_MASKED) == 0 && wait_for_interrupt(interrupts_before);
	}
	uses_tracker = false;
	vmbase_println("# %s: %llu instructions, the handler's call was done %u times", name,
		       (unsigned long long)instructions_max, handler_calls_done);
	tap_ok(is_right && handler_calls_done > 0 && unexpected_errors == 0, name);
}

// Interrupts the call after each number of instructions. The handler makes the same call.
static bool call_twice_each(void (*call)(void))
{
	bool is_right = true;

	log_call = call;
	for (uint64_t instructions = 1; instructions <= LOG_INSTRUCTIONS && is_right; instructions++) {
		const unsigned int interrupts_before = interrupts;

		set_timer(TIMER_ON, instructions);
		unmask_irq();
		call();
		is_right = wait_for_interrupt(interrupts_before);
	}
	log_call = NULL;
	return is_right;
}

// Restores the log this many times. Returns whether only the last call enables the log.
static bool logs_after(unsigned int restores)
{
	while (restores > 1) {
		vmbase_log_restore();
		restores--;
	}
	const bool is_silent = !vmbase_log_is_enabled(VMBASE_LOG_INFO);

	vmbase_log_restore();
	return is_silent && vmbase_log_is_enabled(VMBASE_LOG_INFO);
}

static void test_log(void)
{
	vmbase_log_init(VMBASE_LOG_INFO);
	tap_ok(call_twice_each(vmbase_log_suppress) && logs_after(2 * LOG_INSTRUCTIONS),
	       "no suppression of the log is lost");
	for (int i = 0; i < 2 * LOG_INSTRUCTIONS + 1; i++) {
		vmbase_log_suppress();
	}
	tap_ok(call_twice_each(vmbase_log_restore) && logs_after(1), "no restore of the log is lost");
}

static unsigned int count_interrupted(void)
{
	unsigned int count = 0;

	for (int i = 0; i < VECTOR_INSTRUCTIONS; i++) {
		count += is_interrupted[i];
	}
	return count;
}

static void interrupt_stress(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	const struct vmbase_range ram = vmbase_layout_ram();

	data_range = (struct vmbase_range){ ram.end - 2 * PAGE, ram.end - PAGE };
	handlers_range = (struct vmbase_range){ ram.end - PAGE, ram.end };
	tap_ok(vmbase_tracker_start(ram, &tables) == VMBASE_OK, "the tracker starts");
	tap_ok(vmbase_tracker_map((struct vmbase_range){ GICD, GICD + GIC_BYTES }, VMBASE_TRACKER_MMIO) ==
		       VMBASE_OK,
	       "the GIC is mapped");
	start_gic();

	test_svc(true, 0, "interrupts masked: registers are restored", "interrupts masked: they stay masked");
	test_svc(false, 0, "interrupts unmasked: registers are restored",
		 "interrupts unmasked: they stay unmasked");
	test_svc(false, NESTED_INTERRUPTS_MAX, "nested interrupts: registers are restored",
		 "nested interrupts: they stay unmasked");

	const unsigned int interrupted = count_interrupted();

	vmbase_println("# %u instructions of the vectors were interrupted", interrupted);
	tap_ok(interrupted >= INTERRUPTIBLE_VECTOR_INSTRUCTIONS_MIN,
	       "the return from an exception was interrupted");

	test_tracker(map_and_unmap, "map and unmap");
	test_tracker(flush, "flush");
	test_log();
	tap_done();
}

VMBASE_MAIN(interrupt_stress);
