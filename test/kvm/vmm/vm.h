// SPDX-License-Identifier: Apache-2.0

// A virtual machine: KVM's file descriptors, RAM, and what is counted.

#ifndef VM_H
#define VM_H

#include "machine.h"
#include "options.h"
#include "ram.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm.h>

enum {
	VM_CPUS_MAX = OPTIONS_CPUS_MAX,
};

struct vm;

struct vcpu {
	struct vm *vm;
	unsigned int index;
	int fd;
	struct kvm_run *run; // shared with the kernel
	bool serror_is_due;  // once the access is complete that KVM_RUN was left for
};

struct vm {
	const struct options *options;
	const struct machine *machine;
	struct ram ram;
	int kvm_fd;
	int fd;
	unsigned int cpu_count;
	unsigned int gic_version; // 3 or 2
	uint64_t entry;           // where the image is
	uint64_t image_size;      // bytes
	struct vcpu cpus[VM_CPUS_MAX];

	pthread_mutex_t lock; // held while an exit is handled; guards what follows, the devices and the output
	uint64_t strays;
	uint64_t uart_accesses; // of the first UART
};

// Makes the VM that the options ask for: RAM with the image in it, CPUs, an interrupt controller. Any failure
// ends the process with a report.
void vm_create(struct vm *vm, const struct options *options);

#endif
