// SPDX-License-Identifier: Apache-2.0

#include "ram.h"

#include "crash.h"
#include "end.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static _Thread_local sigjmp_buf fault_return;
static _Thread_local volatile sig_atomic_t fault_expected;

static __attribute__((noinline)) void on_fault_of_thread(int signal_number, siginfo_t *info, void *context)
{
	if (fault_expected) {
		siglongjmp(fault_return, signal_number);
	}
	crash_tell(signal_number, info, context);
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
	crash_restore_thread_pointer();
	on_fault_of_thread(signal_number, info, context);
}

void ram_init(struct ram *ram, uint64_t base, uint64_t size)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	ram->base = base;
	ram->size = size;
	ram->host =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram->host == MAP_FAILED) {
		end(END_FAILED, "mmap of %" PRIu64 " bytes of RAM: %s", size, strerror(errno));
	}
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

bool ram_contains(const struct ram *ram, uint64_t address, uint64_t size)
{
	return address >= ram->base && address - ram->base < ram->size &&
	       size <= ram->size - (address - ram->base);
}

void *ram_at(const struct ram *ram, uint64_t address, uint64_t size)
{
	return ram_contains(ram, address, size) ? ram->host + (address - ram->base) : NULL;
}

uint64_t ram_load(const struct ram *ram, uint64_t address, uint64_t max_size, const char *path)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		end(END_FAILED, "%s: %s", path, strerror(errno));
	}
	if (!ram_contains(ram, address, 1)) {
		end(END_FAILED, "%s: 0x%" PRIx64 " is outside RAM", path, address);
	}
	uint64_t room = ram->size - (address - ram->base);
	if (room > max_size) {
		room = max_size;
	}
	size_t size = fread(ram->host + (address - ram->base), 1, room, file);
	if (ferror(file)) {
		end(END_FAILED, "%s: %s", path, strerror(errno));
	}
	if (size == 0 || fgetc(file) != EOF) {
		end(END_FAILED, "%s: %s", path, size == 0 ? "empty" : "too large");
	}
	fclose(file);
	return size;
}

static volatile uint64_t *at(const struct ram *ram, uint64_t address)
{
	return (volatile uint64_t *)(void *)(ram->host + (address - ram->base));
}

int ram_peek(const struct ram *ram, uint64_t address, uint64_t *value)
{
	int signal_number = sigsetjmp(fault_return, 1);

	if (signal_number == 0) {
		fault_expected = 1;
		*value = *at(ram, address);
	}
	fault_expected = 0;
	return signal_number;
}

int ram_poke(const struct ram *ram, uint64_t address, uint64_t value)
{
	int signal_number = sigsetjmp(fault_return, 1);

	if (signal_number == 0) {
		fault_expected = 1;
		*at(ram, address) = value;
	}
	fault_expected = 0;
	return signal_number;
}
