// SPDX-License-Identifier: Apache-2.0

#include "run.h"

#include "bus.h"
#include "crash.h"
#include "end.h"
#include "hypercall.h"
#include "report.h"
#include "vcpu.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ISS_WNR 0x40 // of a data abort (ESR_EL2): it was a write

static volatile sig_atomic_t time_is_up;
static struct kvm_run *first_run; // of CPU 0, whose thread takes the alarm

// KVM_RUN is left at once, even if it is only about to begin.
static void on_alarm(int signal_number)
{
	(void)signal_number;
	time_is_up = 1;
	first_run->immediate_exit = 1;
}

__attribute__((noreturn)) static void handle_system_event(uint32_t type)
{
	switch (type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		end(END_POWER_OFF, "power-off");
	case KVM_SYSTEM_EVENT_RESET:
		end(END_RESET, "reset");
	default:
		end(END_STOPPED, "system event %" PRIu32, type);
	}
}

// An access whose instruction the hardware does not describe: KVM cannot tell what was to be read or written.
__attribute__((noreturn)) static void handle_no_syndrome(const struct vcpu *cpu)
{
	const struct kvm_run *run = cpu->run;

	if (run->exit_reason == KVM_EXIT_ARM_NISV) {
		report("access without syndrome: %s 0x%llx",
		       (run->arm_nisv.esr_iss & ISS_WNR) != 0 ? "write" : "read", run->arm_nisv.fault_ipa);
	}
	end(END_STOPPED, "access without syndrome, %s", vcpu_describe_pc(cpu));
}

static void handle_exit(struct vcpu *cpu)
{
	switch (cpu->run->exit_reason) {
	case KVM_EXIT_MMIO:
		bus_handle_mmio(cpu);
		break;
	case KVM_EXIT_HYPERCALL:
		hypercall_handle(cpu);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		handle_system_event(cpu->run->system_event.type);
	case KVM_EXIT_ARM_NISV:
		handle_no_syndrome(cpu);
	default:
		end(END_STOPPED, "KVM exit %" PRIu32 ", %s", cpu->run->exit_reason, vcpu_describe_pc(cpu));
	}
}

static void handle_error(struct vcpu *cpu, int error)
{
	switch (error) {
	case EINTR:
		// The alarm may come after this, and asks for an exit again.
		vcpu_complete_exit(cpu);
		if (time_is_up) {
			end(END_STOPPED, "time-out, %s", vcpu_describe_pc(cpu));
		}
		break;
	case ENOSYS: // from kernels that do not make it an exit
		handle_no_syndrome(cpu);
	default:
		end(END_FAILED, "KVM_RUN: %s, %s", strerror(error), vcpu_describe_pc(cpu));
	}
}

static void *run_cpu(void *argument)
{
	struct vcpu *cpu = argument;

	for (;;) {
		crash_note("KVM_RUN", cpu);
		int error = ioctl(cpu->fd, KVM_RUN, 0) < 0 ? errno : 0;

		crash_note("an exit from KVM_RUN", cpu);
		if (cpu->vm->options->crash) {
			// As after a KVM_RUN that has left the guest's value: the note is a _Thread_local
			// object.
			__asm__ volatile("msr tpidr_el0, xzr" : : : "memory");
			crash_note("a crash", cpu);
			__builtin_trap();
		}
		pthread_mutex_lock(&cpu->vm->lock);
		if (error != 0) {
			handle_error(cpu, error);
		} else {
			handle_exit(cpu);
		}
		pthread_mutex_unlock(&cpu->vm->lock);
	}
	return NULL;
}

void run(struct vm *vm)
{
	struct sigaction action = { .sa_handler = on_alarm };
	sigset_t alarm_set;

	first_run = vm->cpus[0].run;
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&alarm_set);
	sigaddset(&alarm_set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_set, NULL);
	for (unsigned int i = 1; i < vm->cpu_count; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, NULL, run_cpu, &vm->cpus[i]);

		if (error != 0) {
			end(END_FAILED, "pthread_create: %s", strerror(error));
		}
	}
	pthread_sigmask(SIG_UNBLOCK, &alarm_set, NULL);
	alarm(vm->options->timeout_s);
	run_cpu(&vm->cpus[0]);
	__builtin_unreachable();
}
