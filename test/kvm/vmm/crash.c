// SPDX-License-Identifier: Apache-2.0

#include "crash.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 256,
	STACK_BYTES = 64 * 1024,
	FRAMES_MAX = 16,
};

static _Thread_local const char *what;
static _Thread_local const struct vcpu *which;

// Of the thread that called crash_watch().
static pid_t watched_thread;
static uint64_t own_thread_pointer;
static uint64_t found_thread_pointer;

static uint64_t read_thread_pointer(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, tpidr_el0" : "=r"(value));
	return value;
}

void crash_restore_thread_pointer(void)
{
	if (syscall(SYS_gettid) == watched_thread) {
		found_thread_pointer = read_thread_pointer();
		__asm__ volatile("msr tpidr_el0, %0" : : "r"(own_thread_pointer) : "memory");
	}
}

void crash_note(const char *doing, const struct vcpu *cpu)
{
	what = doing;
	which = cpu;
}

// Without stdio's locks and buffers, which the signal may have come amidst.
static void tell(const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	const int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length > 0) {
		const size_t size = (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1;

		(void)!write(STDOUT_FILENO, line, size);
	}
}

// Whether there is something at an address by now: the kernel reads it in the program's place.
static bool is_readable(const void *address)
{
	int ends[2];

	if (pipe(ends) != 0) {
		return false;
	}
	const bool is = write(ends[1], address, 1) == 1;

	close(ends[0]);
	close(ends[1]);
	return is;
}

// The syndrome of the fault, as the kernel has it (arch/arm64/include/uapi/asm/sigcontext.h); 0 if it says
// nothing.
static uint64_t find_esr(const ucontext_t *context)
{
	const unsigned char *record = (const unsigned char *)context->uc_mcontext.__reserved;
	const unsigned char *end = record + sizeof(context->uc_mcontext.__reserved);

	while ((size_t)(end - record) >= sizeof(struct esr_context)) {
		struct esr_context esr;

		memcpy(&esr, record, sizeof(esr));
		if (esr.head.magic == ESR_MAGIC) {
			return esr.esr;
		}
		if (esr.head.magic == 0 || esr.head.size == 0 || esr.head.size > (size_t)(end - record)) {
			break;
		}
		record += esr.head.size;
	}
	return 0;
}

static void tell_backtrace(uint64_t frame)
{
	for (int i = 0; i < FRAMES_MAX && frame % sizeof(frame) == 0; i++) {
		const uint64_t *record =
			(const uint64_t *)frame; // NOLINT(performance-no-int-to-ptr): a frame pointer

		if (!is_readable(record) || !is_readable(record + 1)) {
			break;
		}
		tell("vmm: called from 0x%" PRIx64 "\n", record[1]);
		if (record[0] <= frame) {
			break;
		}
		frame = record[0];
	}
}

static void tell_cpu(void)
{
	const struct vcpu *cpu = which;

	tell("vmm: it was at: %s\n", what == NULL ? "nothing that was noted" : what);
	if (cpu == NULL) {
		return;
	}
	tell("vmm: RAM is at 0x%" PRIxPTR ", 0x%" PRIx64 " bytes; CPU %u's struct kvm_run at 0x%" PRIxPTR "\n",
	     (uintptr_t)cpu->vm->ram.host, cpu->vm->ram.size, cpu->index, (uintptr_t)cpu->run);
	if (is_readable(cpu->run)) {
		tell("vmm: its last exit was %" PRIu32 ", of MMIO at 0x%llx if it was %d\n",
		     cpu->run->exit_reason, cpu->run->mmio.phys_addr, KVM_EXIT_MMIO);
	}
}

static void tell_maps(void)
{
	char part[LINE_MAX_BYTES];
	const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	bool begins = true;

	for (ssize_t size; file >= 0 && (size = read(file, part, sizeof(part))) > 0;) {
		for (ssize_t i = 0; i < size; i++) {
			if (begins) {
				tell("vmm: map ");
			}
			(void)!write(STDOUT_FILENO, &part[i], 1);
			begins = part[i] == '\n';
		}
	}
}

void crash_tell(int signal_number, siginfo_t *info, void *context)
{
	const ucontext_t *state = context;

	tell("\nvmm: died of signal %d, code %d, at address 0x%" PRIxPTR
	     ", pc 0x%llx, lr 0x%llx, sp 0x%llx, syndrome 0x%" PRIx64 "\n",
	     signal_number, info->si_code, (uintptr_t)info->si_addr, state->uc_mcontext.pc,
	     state->uc_mcontext.regs[30], state->uc_mcontext.sp, find_esr(state));
	if (found_thread_pointer != own_thread_pointer) {
		tell("vmm: TPIDR_EL0 was 0x%" PRIx64 ", not its own 0x%" PRIx64 "\n", found_thread_pointer,
		     own_thread_pointer);
	}
	tell("vmm: what is at the address can be read by now: %s\n", is_readable(info->si_addr) ? "yes" : "no");
	tell_cpu();
	tell_backtrace(state->uc_mcontext.regs[29]);
	tell_maps();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
	// It is blocked until the handler returns, as this one does not.
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + signal_number);
}

static void on_signal(int signal_number, siginfo_t *info, void *context)
{
	crash_restore_thread_pointer();
	crash_tell(signal_number, info, context);
}

void crash_watch(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS };
	static unsigned char stack_memory[STACK_BYTES];
	const stack_t stack = { .ss_sp = stack_memory, .ss_size = sizeof(stack_memory) };
	const struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	watched_thread = (pid_t)syscall(SYS_gettid);
	own_thread_pointer = found_thread_pointer = read_thread_pointer();
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &action, NULL);
	}
}
